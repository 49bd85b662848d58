import Foundation

/// SHA-256 (FIPS 180-4), on every platform.
public struct SHA256: Sendable {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// Bytes that do not fill a block yet.
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    public init() {}

    /// The hash of bytes, 32 bytes long.
    public static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var sha = SHA256()
        sha.update(bytes)
        return sha.finish()
    }

    /// Two hexadecimal digits for each byte of a hash.
    public static func hexadecimal(_ hash: [UInt8]) -> String {
        hash.map { String(format: "%02x", $0) }.joined()
    }

    /// Takes further bytes.
    public mutating func update(_ bytes: some Sequence<UInt8>) {
        var words = [UInt32](repeating: 0, count: 64)
        for byte in bytes {
            rest.append(byte)
            count &+= 1
            if rest.count == 64 { takeBlock(&words) }
        }
    }

    /// The hash of all bytes that were taken; take no more of them afterwards.
    public mutating func finish() -> [UInt8] {
        let bits = count &* 8
        // A 1 bit, zeros up to 8 bytes before the end of a block, and the number of bits.
        let zeros = (119 - Int(count % 64)) % 64
        update([0x80] + [UInt8](repeating: 0, count: zeros) + Self.bytes(of: bits))
        return state.flatMap(Self.bytes)
    }

    private mutating func takeBlock(_ words: inout [UInt32]) {
        for place in 0..<16 {
            words[place] = rest[4 * place..<4 * place + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        rest.removeAll(keepingCapacity: true)
        for place in 16..<64 {
            let early = words[place - 15], late = words[place - 2]
            let first = Self.rotated(early, 7) ^ Self.rotated(early, 18) ^ early >> 3
            let second = Self.rotated(late, 17) ^ Self.rotated(late, 19) ^ late >> 10
            words[place] = words[place - 16] &+ first &+ words[place - 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for place in 0..<64 {
            let ofE = Self.rotated(e, 6) ^ Self.rotated(e, 11) ^ Self.rotated(e, 25)
            let first = h &+ ofE &+ (e & f ^ ~e & g) &+ Self.constants[place] &+ words[place]
            let ofA = Self.rotated(a, 2) ^ Self.rotated(a, 13) ^ Self.rotated(a, 22)
            let second = ofA &+ (a & b ^ a & c ^ b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ second)
        }
        for (place, number) in [a, b, c, d, e, f, g, h].enumerated() { state[place] &+= number }
    }

    private static func rotated(_ word: UInt32, _ by: UInt32) -> UInt32 {
        word >> by | word << (32 - by)
    }

    private static func bytes<Number: FixedWidthInteger>(of number: Number) -> [UInt8] {
        stride(from: Number.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: number >> $0)
        }
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
        0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
        0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
        0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
        0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]
}
