import Foundation

/// What fetches the files of a release. `URLSessionTransport` does it over HTTPS.
public protocol ReleaseTransport: Sendable {
    /// Fetches a file.
    ///
    /// - Parameters:
    ///   - url: Its address.
    ///   - limit: The most bytes: a transport stops reading where there are more.
    /// - Throws: `StoreError.tooLong` where there are more, and whatever the connection fails by.
    func fetch(_ url: URL, atMost limit: Int) async throws -> Data
}

/// What tells whether a manifest was signed by the key that the app carries. `CryptoKitVerifier` does
/// it on Apple's systems.
public protocol SignatureVerifier: Sendable {
    /// Whether an Ed25519 signature (RFC 8032) is that of a message by the owner of the key.
    func isValid(_ signature: Data, of message: Data) -> Bool
}
