import Foundation

/// Why a release is refused, or cannot be had: a sentence that says what to do. What was installed
/// stays in use.
public enum StoreError: Error, Equatable, LocalizedError, CustomStringConvertible {
    /// The public key of the app is no Ed25519 key.
    case badKey(String)
    /// The signature of the manifest is not that of the key.
    case badSignature
    /// The manifest is none, or of a newer protocol.
    case badManifest(String)
    /// The release is another one, signed with the same key.
    case otherRelease(expected: String, got: String)
    /// The release expired, at a moment in ISO 8601.
    case expired(version: Int, at: String)
    /// The app is older than the release needs.
    case oldApp(needed: String, got: String)
    /// A version of an app that is no version.
    case badVersion(String)
    /// The release is older than one that was installed.
    case notNewer(installed: Int, got: Int)
    /// The files of the release have more bytes than the app allows.
    case tooLarge(limit: Int, got: Int)
    /// An address has more bytes than it may have; the rest was not read.
    case tooLong(String, limit: Int)
    /// A file is not the one that was signed.
    case otherFile(String, expected: Int, got: Int)
    /// A model does not answer on this device as it must.
    case failedGoldenRows(String, why: String)
    /// The version failed on this device before.
    case failedBefore(version: Int)
    /// The server answered with a status.
    case server(String, status: Int)
    /// An address that is not HTTPS.
    case notSecure(String)
    /// No release is installed.
    case nothingInstalled
    /// The release has no such file.
    case noFile(String)

    public var description: String {
        switch self {
        case .badKey(let got):
            return "The public key of a store must be 32 bytes in base64, as novin-ml sign prints "
                + "them. Got \(got). Copy the key again."
        case .badSignature:
            return
                "The manifest of a release must be signed by the key of the app. Got content or a "
                + "signature of someone else. Keep the installed release."
        case .badManifest(let got):
            return
                "The manifest of a release must be of protocol \(ReleaseManifest.protocolNumber). "
                + "Got \(got). Sign the release again, or update the app."
        case .otherRelease(let expected, let got):
            return
                "The release must be \(expected). Got \(got), signed with the same key. Check the "
                + "address of the store."
        case .expired(let version, let moment):
            return
                "The release must not be expired. Got one of version \(version), which expired at "
                + "\(moment). Sign it again, or sign a newer one."
        case .oldApp(let needed, let got):
            return "The app must be of version \(needed) or newer for this release. Got \(got). "
                + "Update the app."
        case .badVersion(let got):
            return "A version of an app must be one to four numbers with dots, such as 2.1. "
                + "Got \(got). Write it so."
        case .notNewer(let installed, let got):
            return "The release must be newer than version \(installed), which was installed. "
                + "Got version \(got). Keep the installed one."
        case .tooLarge(let limit, let got):
            return "The release must have at most \(limit) bytes. Got \(got). Allow more, or sign "
                + "smaller models."
        case .tooLong(let address, let limit):
            return "\(address) must have at most \(limit) bytes. Got more. Sign the release again."
        case .otherFile(let name, let expected, let got):
            return
                "\(name) must be the file of \(expected) bytes that was signed. Got \(got) bytes "
                + "of other content. Download it again."
        case .failedGoldenRows(let model, let why):
            return "The model \(model) must answer on this device as Python does. Got \(why). "
                + "The release before it stays in use; report the device."
        case .failedBefore(let version):
            return "The release must not have failed on this device. Got version \(version), which "
                + "did. Sign a newer one."
        case .server(let address, let status):
            return
                "\(address) must have a file of a signed release. Got HTTP status \(status). Check "
                + "the address."
        case .notSecure(let address):
            return
                "The address of a release must begin with https://. Got \(address). Serve it over "
                + "TLS."
        case .nothingInstalled:
            return
                "A store must have a release to open a model. Got none. Call update(), or open the "
                + "model that the app brings."
        case .noFile(let name):
            return "The release must have the file \(name). Got none. Name one of its files."
        }
    }

    public var errorDescription: String? { description }
}
