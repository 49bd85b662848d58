/// Trees as one flat array of nodes, read from a `TreeEnsembleParameters` message.
struct Forest {
    /// What each sum is before any tree.
    private(set) var base: [Double] = []
    private var nodes: [Node] = []
    /// What the leaves add, one leaf after the other.
    private var entries: [Entry] = []
    /// The trees, from the shallowest to the deepest, in the model's order among equally deep ones.
    private var trees: [Tree] = []

    private struct Tree {
        let root: Int
        let depth: Int
    }

    private struct Entry {
        var dimension = 0
        var value = 0.0
    }

    /// A branch, or a leaf, which has `entries`.
    private struct Node {
        var tree = 0
        var id = 0
        var comparison = Comparison.lessOrEqual
        var feature = 0
        /// What a branch compares with.
        var value = 0.0
        /// Before `link` an id within the tree, after it a place in `nodes`.
        var whenTrue = 0
        var whenFalse = 0
        var missingIsTrue = false
        var entries = 0..<0
    }

    /// `TreeNodeBehavior` of `TreeEnsemble.proto`, as far as novin_ml exports it.
    private enum Comparison: Int, Sendable {
        case lessOrEqual = 0
        case less = 1
        case leaf = 6
    }

    /// - Parameter width: How many numbers a row has.
    init(_ reader: WireReader, width: Int) throws {
        var reader = reader
        var dimensions = 0
        while let (number, value) = try reader.next() {
            switch number {
            case 1: nodes.append(try readNode(reader.message(value)))
            case 2: dimensions = try reader.integer(value)
            case 3: try reader.appendDoubles(value, to: &base)
            default: throw ReferenceError.unsupported("a tree ensemble with field \(number)")
            }
        }
        guard dimensions > 0, dimensions <= 10_000, base.isEmpty || base.count == dimensions else {
            throw ReferenceError.damaged("a tree ensemble of \(dimensions) sums")
        }
        if base.isEmpty { base = Array(repeating: 0, count: dimensions) }
        for node in nodes {
            guard node.comparison == .leaf || (0..<width).contains(node.feature) else {
                throw ReferenceError.damaged("a branch on feature \(node.feature) of \(width)")
            }
        }
        if let entry = entries.first(where: { $0.dimension >= dimensions }) {
            throw ReferenceError.damaged("a leaf that adds to sum \(entry.dimension)")
        }
        try link()
    }

    /// The base prediction plus the leaves that a row reaches.
    ///
    /// - Parameter row: Float32 numbers; NaN is a missing value.
    func sums(_ row: [Double]) -> [Double] {
        var sums = base
        nodes.withUnsafeBufferPointer { nodes in
            for tree in trees {
                var node = nodes[tree.root]
                while node.comparison != .leaf {
                    let x = row[node.feature]
                    let isTrue: Bool
                    if x.isNaN {
                        isTrue = node.missingIsTrue
                    } else if node.comparison == .less {
                        isTrue = x < node.value
                    } else {
                        isTrue = x <= node.value
                    }
                    node = nodes[isTrue ? node.whenTrue : node.whenFalse]
                }
                for entry in entries[node.entries] {
                    sums[entry.dimension] += entry.value
                }
            }
        }
        return sums
    }

    private mutating func readNode(_ reader: WireReader) throws -> Node {
        var reader = reader
        var node = Node()
        let first = entries.count
        while let (number, value) = try reader.next() {
            switch number {
            case 1: node.tree = try reader.integer(value)
            case 2: node.id = try reader.integer(value)
            case 3:
                let behavior = try reader.integer(value)
                guard let comparison = Comparison(rawValue: behavior) else {
                    throw ReferenceError.unsupported("a branch of behavior \(behavior)")
                }
                node.comparison = comparison
            case 10: node.feature = try reader.integer(value)
            case 11: node.value = try reader.double(value)
            case 12: node.whenTrue = try reader.integer(value)
            case 13: node.whenFalse = try reader.integer(value)
            case 14: node.missingIsTrue = try reader.boolean(value)
            case 20: entries.append(try Self.evaluation(reader.message(value)))
            case 30: break  // how often the node is reached: "no effect on the accuracy"
            default: throw ReferenceError.unsupported("a tree node with field \(number)")
            }
        }
        node.entries = first..<entries.count
        let isNumber = !node.value.isNaN && entries[node.entries].allSatisfy { !$0.value.isNaN }
        guard (node.comparison == .leaf) == !node.entries.isEmpty, isNumber else {
            throw ReferenceError.damaged("a tree node that is neither a branch nor a leaf")
        }
        return node
    }

    private static func evaluation(_ reader: WireReader) throws -> Entry {
        var reader = reader
        var result = Entry()
        while let (number, value) = try reader.next() {
            switch number {
            case 1: result.dimension = try reader.integer(value)
            case 2: result.value = try reader.double(value)
            default: throw ReferenceError.unsupported("a leaf with field \(number)")
            }
        }
        guard result.dimension >= 0 else {
            throw ReferenceError.damaged("a leaf of a negative sum")
        }
        return result
    }

    /// Turns the ids of children into places, and finds the root and depth of each tree.
    private mutating func link() throws {
        var places: [Int: [Int: Int]] = [:]
        for (place, node) in nodes.enumerated() {
            guard places[node.tree, default: [:]].updateValue(place, forKey: node.id) == nil else {
                throw ReferenceError.damaged("two tree nodes of one id")
            }
        }
        var isChild = [Bool](repeating: false, count: nodes.count)
        for place in nodes.indices where nodes[place].comparison != .leaf {
            let ids = places[nodes[place].tree] ?? [:]
            guard let whenTrue = ids[nodes[place].whenTrue],
                let whenFalse = ids[nodes[place].whenFalse],
                !isChild[whenTrue], !isChild[whenFalse], whenTrue != whenFalse
            else { throw ReferenceError.damaged("a tree node whose children are not its own") }
            isChild[whenTrue] = true
            isChild[whenFalse] = true
            nodes[place].whenTrue = whenTrue
            nodes[place].whenFalse = whenFalse
        }
        var roots: [Int: Int] = [:]
        for place in nodes.indices where !isChild[place] {
            guard roots.updateValue(place, forKey: nodes[place].tree) == nil else {
                throw ReferenceError.damaged("a tree with two roots")
            }
        }
        guard roots.count == places.count else {
            throw ReferenceError.damaged("a tree in a circle")
        }
        trees = roots.sorted { $0.key < $1.key }.map { walk($0.value) }
        // `sort` is stable in practice, but only promises it by a second key.
        let order = trees.indices.sorted { (trees[$0].depth, $0) < (trees[$1].depth, $1) }
        trees = order.map { trees[$0] }
    }

    private func walk(_ root: Int) -> Tree {
        var level = [root]
        var depth = -1
        while !level.isEmpty {
            depth += 1
            var next: [Int] = []
            for place in level {
                let node = nodes[place]
                if node.comparison != .leaf {
                    next += [node.whenTrue, node.whenFalse]
                }
            }
            level = next
        }
        return Tree(root: root, depth: depth)
    }
}
