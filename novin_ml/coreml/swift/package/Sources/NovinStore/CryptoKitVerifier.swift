#if canImport(CryptoKit)
    import CryptoKit
    import Foundation

    /// Verifies signatures with CryptoKit.
    public struct CryptoKitVerifier: SignatureVerifier {
        private let key: Curve25519.Signing.PublicKey

        /// - Parameter publicKey: 32 bytes in base64, as `novin-ml sign` prints them.
        /// - Throws: `StoreError.badKey`
        public init(publicKey: String) throws {
            guard let bytes = Data(base64Encoded: publicKey),
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
            else { throw StoreError.badKey(publicKey) }
            self.key = key
        }

        public func isValid(_ signature: Data, of message: Data) -> Bool {
            key.isValidSignature(signature, for: message)
        }
    }
#endif
