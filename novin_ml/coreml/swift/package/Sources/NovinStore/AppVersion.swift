/// The version of an app: one to four numbers with dots, where missing ones are 0.
public struct AppVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let description: String
    private let numbers: [Int]

    /// - Throws: `StoreError.badVersion`
    public init(_ text: String) throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let found = parts.compactMap { part -> Int? in
            let isNumber = part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            return isNumber && (1...9).contains(part.utf8.count) ? Int(part) : nil
        }
        guard (1...4).contains(parts.count), found.count == parts.count else {
            throw StoreError.badVersion(text)
        }
        description = text
        numbers = found + [Int](repeating: 0, count: 4 - found.count)
    }

    public static func == (left: AppVersion, right: AppVersion) -> Bool {
        left.numbers == right.numbers
    }

    public static func < (left: AppVersion, right: AppVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(numbers) }
}
