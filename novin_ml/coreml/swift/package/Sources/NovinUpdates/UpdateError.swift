import Foundation

/// Why an update is refused, or cannot be made: a sentence that says what to do.
public enum UpdateError: Error, Equatable, LocalizedError, CustomStringConvertible {
    /// The file does not begin as an update does.
    case wrongMagic
    /// The file is of another format.
    case otherFormat(UInt32)
    /// The file has fewer bytes than its header says, or has no whole header.
    case truncated(expected: UInt64, got: UInt64)
    /// The file has more bytes than its header says.
    case tooLong(expected: UInt64, got: UInt64)
    /// The file's own hash is of other bytes.
    case altered
    /// The update began with other weights than those of the manifest.
    case otherModel(expected: String, got: String)
    /// There are more or fewer values than the manifest says.
    case otherCount(expected: Int, got: Int)
    /// A value is infinite or not a number.
    case notFinite(place: Int)
    /// The manifest cannot be read, or is of another format.
    case badManifest(String)
    /// There are no rows to train on.
    case noExamples
    /// A row does not fit the model.
    case badExample(String)
    /// The device should not train now.
    case notNow(String)
    /// Core ML could not train.
    case trainingFailed(String)

    public var description: String {
        switch self {
        case .wrongMagic:
            return "An update file must begin with NOVINUPD. Got other bytes. Check the file."
        case .otherFormat(let number):
            return "An update file must be of format 1. Got format \(number). Update the app."
        case .truncated(let expected, let got):
            return "An update file must have \(expected) bytes, as its header says. Got \(got): it "
                + "is truncated. Send it again."
        case .tooLong(let expected, let got):
            return "An update file must have \(expected) bytes, as its header says. Got \(got). "
                + "Send it again."
        case .altered:
            return "An update file must have the SHA-256 that it ends with. Got another one. "
                + "Send it again."
        case .otherModel(let expected, let got):
            return "An update must be of the weights \(expected). Got one of \(got). Train the "
                + "model that the manifest describes."
        case .otherCount(let expected, let got):
            return "An update must have \(expected) values, as its manifest says. Got \(got). Use "
                + "the manifest of the model that was trained."
        case .notFinite(let place):
            return "The values of an update must be finite. Got another one at place \(place). "
                + "Train with a smaller learning rate."
        case .badManifest(let why):
            return "A manifest of weights must be as export_coreml wrote it. Got \(why). Export "
                + "the model again."
        case .noExamples:
            return "A home must have rows to train on. Got none. Wait until it has some."
        case .badExample(let why):
            return "A row to train on must fit the model. Got \(why). Leave it out."
        case .notNow(let why):
            return "A device must have the power to train, and be cool. Got \(why). Try later."
        case .trainingFailed(let why):
            return "Core ML must be able to train the model. Got \(why). Load the model again."
        }
    }

    public var errorDescription: String? { description }
}
