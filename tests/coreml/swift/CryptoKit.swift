// The declarations of CryptoKit that the package uses, as Apple documents them, without what they do.

import Foundation

public enum Curve25519 {
    public enum Signing {
        public struct PublicKey: Sendable {
            public init<Bytes: ContiguousBytes>(rawRepresentation: Bytes) throws {}
            public func isValidSignature<Signature: DataProtocol, Message: DataProtocol>(
                _ signature: Signature, for data: Message
            ) -> Bool { false }
        }
    }
}
