import Foundation
import NovinStore

/// Ed25519 (RFC 8032) in plain Swift, to sign and verify where CryptoKit does not exist. For tests:
/// it is slow, and its time tells of its keys.
struct Ed25519: SignatureVerifier {
    let publicKey: [UInt8]

    func isValid(_ signature: Data, of message: Data) -> Bool {
        let bytes = [UInt8](signature)
        guard bytes.count == 64, publicKey.count == 32,
            let key = Point(publicKey), Point(Array(bytes[..<32])) != nil
        else { return false }
        let scalar = Array(bytes[32...])
        guard Wide(scalar).isBelow(Wide.order) else { return false }
        let hash = Wide(SHA512.hash(bytes[..<32] + publicKey + message)).modulo(.order)
        // S B = R + k A, and so R = S B - k A.
        let found = Point.base.times(Wide(scalar), plus: key.negated, times: hash)
        return found.encoded == Array(bytes[..<32])
    }

    /// A key that signs, from its 32 secret bytes.
    struct Signer {
        let publicKey: [UInt8]
        private let scalar: Wide
        private let prefix: [UInt8]

        init(secret: [UInt8]) {
            var hash = SHA512.hash(secret)
            prefix = Array(hash[32...])
            hash[0] &= 248
            hash[31] &= 127
            hash[31] |= 64
            scalar = Wide(Array(hash[..<32]))
            publicKey = Point.base.times(scalar).encoded
        }

        func sign(_ message: [UInt8]) -> [UInt8] {
            let nonce = Wide(SHA512.hash(prefix + message)).modulo(.order)
            let commitment = Point.base.times(nonce).encoded
            let hash = Wide(SHA512.hash(commitment + publicKey + message)).modulo(.order)
            let answer = hash.times(scalar).plus(nonce).modulo(.order)
            return commitment + answer.bytes(32)
        }
    }
}

/// A natural number of 32-bit limbs, the lowest first.
struct Wide: Equatable {
    var limbs: [UInt32]

    init(limbs: [UInt32]) { self.limbs = limbs }

    /// From little-endian bytes, a multiple of 4.
    init(_ bytes: [UInt8]) {
        limbs = stride(from: 0, to: bytes.count, by: 4).map { place in
            bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    /// From hexadecimal digits, the highest first.
    init(hex: String) {
        let digits = Array(hex)
        self.init(
            stride(from: digits.count - 2, through: 0, by: -2).map {
                UInt8(String(digits[$0...$0 + 1]), radix: 16)!
            })
    }

    /// The order of the base point.
    static let order = Wide(hex: "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed")
    /// 2^255 - 19
    static let prime = Wide(hex: "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed")

    func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: limb($0 / 4) >> (UInt32($0 % 4) * 8)) }
    }

    func limb(_ place: Int) -> UInt32 { place < limbs.count ? limbs[place] : 0 }

    func bit(_ place: Int) -> Bool { limb(place / 32) >> UInt32(place % 32) & 1 == 1 }

    func isBelow(_ other: Wide) -> Bool {
        for place in (0..<max(limbs.count, other.limbs.count)).reversed()
        where limb(place) != other.limb(place) {
            return limb(place) < other.limb(place)
        }
        return false
    }

    func plus(_ other: Wide) -> Wide {
        var carry: UInt64 = 0
        var sum = (0..<max(limbs.count, other.limbs.count)).map { place -> UInt32 in
            carry += UInt64(limb(place)) + UInt64(other.limb(place))
            defer { carry >>= 32 }
            return UInt32(truncatingIfNeeded: carry)
        }
        sum.append(UInt32(carry))
        return Wide(limbs: sum)
    }

    /// Of a number that is not larger.
    func minus(_ other: Wide) -> Wide {
        var borrow: Int64 = 0
        return Wide(
            limbs: limbs.indices.map { place in
                let difference = Int64(limb(place)) - Int64(other.limb(place)) + borrow
                borrow = difference < 0 ? -1 : 0
                return UInt32(truncatingIfNeeded: difference)
            })
    }

    func times(_ other: Wide) -> Wide {
        var product = [UInt32](repeating: 0, count: limbs.count + other.limbs.count)
        for (place, limb) in limbs.enumerated() {
            var carry: UInt64 = 0
            for (next, factor) in other.limbs.enumerated() {
                carry += UInt64(limb) * UInt64(factor) + UInt64(product[place + next])
                product[place + next] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            product[place + other.limbs.count] = UInt32(carry)
        }
        return Wide(limbs: product)
    }

    /// The remainder, bit by bit.
    func modulo(_ divisor: Wide) -> Wide {
        var rest = Wide(limbs: [UInt32](repeating: 0, count: divisor.limbs.count + 1))
        for place in (0..<32 * limbs.count).reversed() {
            var carry: UInt32 = bit(place) ? 1 : 0
            for limb in rest.limbs.indices {
                let high = rest.limbs[limb] >> 31
                rest.limbs[limb] = rest.limbs[limb] << 1 | carry
                carry = high
            }
            if !rest.isBelow(divisor) { rest = rest.minus(divisor) }
        }
        return rest
    }
}

/// A number modulo 2^255 - 19, of 8 limbs, not always the least one.
struct Field {
    var value: Wide

    init(_ value: Wide) { self.value = Self.folded(value) }

    init(_ number: UInt32) { self.init(Wide(limbs: [number])) }

    static let zero = Field(0)
    static let one = Field(1)
    /// Of the curve: -121665 / 121666.
    static let d = (zero - Field(121_665)) * Field(121_666).inverse
    /// A square root of -1.
    static let root = Field(2).power(
        Wide(hex: "1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffb"))

    /// 2^256 is 38.
    private static func folded(_ value: Wide) -> Wide {
        var value = value
        while value.limbs.count > 8 {
            let high = Wide(limbs: Array(value.limbs[8...]))
            let low = Wide(limbs: Array(value.limbs[..<8]))
            guard high.limbs.contains(where: { $0 != 0 }) else { return low }
            value = low.plus(high.times(Wide(limbs: [38])))
        }
        return value
    }

    static func + (left: Field, right: Field) -> Field { Field(left.value.plus(right.value)) }

    static func - (left: Field, right: Field) -> Field {
        // 4 (2^255 - 19) is larger than any of 8 limbs.
        let room = Wide.prime.plus(.prime).plus(Wide.prime.plus(.prime))
        return Field(left.value.plus(room).minus(right.value))
    }

    static func * (left: Field, right: Field) -> Field { Field(left.value.times(right.value)) }

    /// The least number.
    var reduced: Wide {
        var least = value
        while !least.isBelow(.prime) { least = least.minus(.prime) }
        return least
    }

    static func == (left: Field, right: Field) -> Bool {
        left.reduced.bytes(32) == right.reduced.bytes(32)
    }

    func power(_ exponent: Wide) -> Field {
        var (result, square) = (Field.one, self)
        for place in 0..<255 {
            if exponent.bit(place) { result = result * square }
            square = square * square
        }
        return result
    }

    var inverse: Field { power(Wide.prime.minus(Wide(limbs: [2]))) }
}

/// A point of the curve, X : Y : Z with T = X Y / Z.
struct Point {
    let x, y, z, t: Field

    init(x: Field, y: Field, z: Field, t: Field) { (self.x, self.y, self.z, self.t) = (x, y, z, t) }

    /// Decodes 32 bytes; nil if they are no point.
    init?(_ bytes: [UInt8]) {
        let isOdd = bytes[31] >> 7 == 1
        let number = Wide(bytes[..<31] + [bytes[31] & 127])
        guard number.isBelow(.prime) else { return nil }
        let y = Field(number)
        let (u, v) = (y * y - .one, Field.d * y * y + .one)
        let v3 = v * v * v
        let exponent = Wide(hex: "0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd")
        var x = u * v3 * (u * v3 * v3 * v).power(exponent)
        if !(v * x * x == u) {
            x = x * .root
            guard v * x * x == u else { return nil }
        }
        if x.reduced.bit(0) != isOdd {
            guard !(x == .zero) else { return nil }
            x = .zero - x
        }
        self.init(x: x, y: y, z: .one, t: x * y)
    }

    static let neutral = Point(x: .zero, y: .one, z: .one, t: .zero)
    static let base = Point([0x58] + [UInt8](repeating: 0x66, count: 31))!

    var negated: Point { Point(x: .zero - x, y: y, z: z, t: .zero - t) }

    func plus(_ other: Point) -> Point {
        let a = (y - x) * (other.y - other.x)
        let b = (y + x) * (other.y + other.x)
        let c = Field(2) * t * other.t * .d
        let d = Field(2) * z * other.z
        let (e, f, g, h) = (b - a, d - c, d + c, b + a)
        return Point(x: e * f, y: g * h, z: f * g, t: e * h)
    }

    func times(_ scalar: Wide) -> Point { times(scalar, plus: .neutral, times: Wide(limbs: [0])) }

    /// The sum of two products, bit by bit from the highest.
    func times(_ scalar: Wide, plus other: Point, times factor: Wide) -> Point {
        let both = plus(other)
        var sum = Point.neutral
        for place in (0..<256).reversed() {
            sum = sum.plus(sum)
            switch (scalar.bit(place), factor.bit(place)) {
            case (true, true): sum = sum.plus(both)
            case (true, false): sum = sum.plus(self)
            case (false, true): sum = sum.plus(other)
            case (false, false): break
            }
        }
        return sum
    }

    var encoded: [UInt8] {
        let inverse = z.inverse
        var bytes = (y * inverse).reduced.bytes(32)
        if (x * inverse).reduced.bit(0) { bytes[31] |= 0x80 }
        return bytes
    }
}
