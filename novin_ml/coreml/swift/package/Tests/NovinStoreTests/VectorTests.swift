import Foundation
import NovinUpdates
import XCTest

/// The vectors of the standards that a store rests on.
final class VectorTests: XCTestCase {
    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)!
        }
    }

    /// FIPS 180-4, with the examples that NIST published for it.
    func testSHA256() {
        let long =
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
            + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
        let known = [
            "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq":
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            long: "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
        ]
        for (text, hash) in known {
            XCTAssertEqual(SHA256.hexadecimal(SHA256.hash(text.utf8)), hash)
        }
        let many = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        XCTAssertEqual(
            SHA256.hexadecimal(SHA256.hash(many)),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    func testSHA512() {
        XCTAssertEqual(
            SHA256.hexadecimal(SHA512.hash(Array("abc".utf8))),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
        XCTAssertEqual(
            SHA256.hexadecimal(SHA512.hash([])),
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e")
    }

    /// RFC 8032, section 7.1: secret key, public key, message, signature.
    func testEd25519() {
        let vectors = [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                    + "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
                    + "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
                    + "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
            ),
            (
                "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                SHA256.hexadecimal(SHA512.hash(Array("abc".utf8))),
                "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ec"
                    + "fdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
            ),
        ]
        for (secret, key, text, signature) in vectors {
            let signer = Ed25519.Signer(secret: bytes(secret))
            XCTAssertEqual(SHA256.hexadecimal(signer.publicKey), key)
            let (message, right) = (bytes(text), bytes(signature))
            XCTAssertEqual(SHA256.hexadecimal(signer.sign(message)), signature)
            let verifier = Ed25519(publicKey: bytes(key))
            XCTAssert(verifier.isValid(Data(right), of: Data(message)))
            for place in [0, 63] {
                var wrong = right
                wrong[place] ^= 1
                XCTAssertFalse(verifier.isValid(Data(wrong), of: Data(message)))
            }
            XCTAssertFalse(verifier.isValid(Data(right), of: Data(message + [0])))
            XCTAssertFalse(verifier.isValid(Data(right.dropLast()), of: Data(message)))
        }
    }

    /// A number that is not the least one would be a second signature of the same message.
    func testASignatureHasOneForm() {
        let signer = Ed25519.Signer(secret: [UInt8](repeating: 7, count: 32))
        let right = signer.sign([1, 2, 3])
        let larger = Wide(Array(right[32...])).plus(.order).bytes(32)
        let verifier = Ed25519(publicKey: signer.publicKey)
        XCTAssert(verifier.isValid(Data(right), of: Data([1, 2, 3])))
        XCTAssertFalse(verifier.isValid(Data(right[..<32] + larger), of: Data([1, 2, 3])))
    }
}
