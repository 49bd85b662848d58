/// The wire format of protocol buffers, as far as Core ML models use it.
///
/// A message is a list of fields, each a number and a value. What the numbers mean stands in Apple's
/// `.proto` files, which coremltools has in `mlmodel/format`.
struct WireReader {
    /// What a field holds, before anybody knows its type.
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes(Range<Int>)
        case fixed32(UInt32)
    }

    /// The whole file; messages inside messages are ranges of it.
    let file: [UInt8]
    private var position: Int
    private let end: Int

    init(file: [UInt8]) {
        self.init(file: file, range: 0..<file.count)
    }

    private init(file: [UInt8], range: Range<Int>) {
        self.file = file
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field, or nil at the end of the message.
    mutating func next() throws -> (number: Int, value: Value)? {
        guard position < end else { return nil }
        let key = try varint()
        let number = Int(truncatingIfNeeded: key >> 3)
        switch key & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .fixed64(try fixed(8)))
        case 2:
            let length = try varint()
            guard length <= UInt64(end - position) else { throw truncated }
            let start = position
            position += Int(length)
            return (number, .bytes(start..<position))
        case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
        default: throw ReferenceError.damaged("a field of wire type \(key & 7)")
        }
    }

    /// A message inside this one.
    func message(_ value: Value) throws -> WireReader {
        WireReader(file: file, range: try range(value))
    }

    func string(_ value: Value) throws -> String {
        String(decoding: file[try range(value)], as: UTF8.self)
    }

    func integer(_ value: Value) throws -> Int {
        guard case .varint(let bits) = value else { throw wrongType }
        return Int(truncatingIfNeeded: bits)
    }

    func boolean(_ value: Value) throws -> Bool {
        try integer(value) != 0
    }

    func double(_ value: Value) throws -> Double {
        guard case .fixed64(let bits) = value else { throw wrongType }
        return Double(bitPattern: bits)
    }

    func float(_ value: Value) throws -> Float {
        guard case .fixed32(let bits) = value else { throw wrongType }
        return Float(bitPattern: bits)
    }

    /// Repeated numbers come one by one, or packed into one field: both are allowed.
    func appendDoubles(_ value: Value, to numbers: inout [Double]) throws {
        guard case .bytes(let range) = value else { return numbers.append(try double(value)) }
        var packed = WireReader(file: file, range: range)
        numbers.reserveCapacity(numbers.count + range.count / 8)
        while packed.position < packed.end {
            numbers.append(Double(bitPattern: try packed.fixed(8)))
        }
    }

    func appendFloats(_ value: Value, to numbers: inout [Float]) throws {
        guard case .bytes(let range) = value else { return numbers.append(try float(value)) }
        var packed = WireReader(file: file, range: range)
        numbers.reserveCapacity(numbers.count + range.count / 4)
        while packed.position < packed.end {
            numbers.append(Float(bitPattern: UInt32(truncatingIfNeeded: try packed.fixed(4))))
        }
    }

    func appendIntegers(_ value: Value, to numbers: inout [Int]) throws {
        guard case .bytes(let range) = value else { return numbers.append(try integer(value)) }
        var packed = WireReader(file: file, range: range)
        while packed.position < packed.end {
            numbers.append(Int(truncatingIfNeeded: try packed.varint()))
        }
    }

    private func range(_ value: Value) throws -> Range<Int> {
        guard case .bytes(let range) = value else { throw wrongType }
        return range
    }

    private mutating func varint() throws -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = file[position]
            position += 1
            result |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return result }
            shift += 7
            guard shift < 64 else { throw ReferenceError.damaged("a number of more than 64 bits") }
        }
        throw truncated
    }

    private mutating func fixed(_ width: Int) throws -> UInt64 {
        guard end - position >= width else { throw truncated }
        var result: UInt64 = 0
        for offset in 0..<width {
            result |= UInt64(file[position + offset]) << UInt64(8 * offset)
        }
        position += width
        return result
    }

    private var truncated: ReferenceError { .damaged("a message that ends too early") }
    private var wrongType: ReferenceError { .damaged("a field of another type than Core ML's") }
}
