import Foundation

/// Why a predictor cannot be made, or cannot answer: a sentence that says what to do.
public enum ModelError: Error, Equatable, LocalizedError, CustomStringConvertible {
    /// The model's metadata lack an entry, or it cannot be read.
    case noEntry(key: String)
    /// The model is for another predictor.
    case otherFamily(expected: String, got: String)
    /// The model has other inputs, labels or outputs than its predictor needs.
    case otherModel(expected: String, got: [String])
    /// The package lacks a file that it was written with.
    case noFile(name: String)
    /// A label that the model does not have.
    case noLabel(label: String, known: [String])
    /// The threshold of a label that is no number from 0 on.
    case notThreshold(label: String, threshold: Float)
    /// The file of a model that is not the one that the package was written with.
    case altered(file: String, expected: String, got: String)
    /// A row of features that has more or fewer numbers than the model takes.
    case otherWidth(expected: Int, got: Int)

    public var description: String {
        switch self {
        case .noEntry(let key):
            return "A model must tell its \(key) in its metadata. Got none that can be read. "
                + "Export it with novin-ml export, and write the package again."
        case .otherFamily(let expected, let got):
            return "The model must be of the family \(expected). Got one of \(got). "
                + "Use the predictor of that family."
        case .otherModel(let expected, let got):
            return "The model must have \(expected). Got \(got). Write the package again."
        case .noFile(let name):
            return "The package must have the file \(name). Got none. Write the package again."
        case .otherWidth(let expected, let got):
            return "A row must have \(expected) numbers, one for each feature. Got \(got). "
                + "Give them in the order of featureNames."
        case .noLabel(let label, let known):
            return "A threshold must be of one of \(known). Got \(label). Leave it out."
        case .notThreshold(let label, let threshold):
            return "The threshold of \(label) must be a number from 0 on. Got \(threshold). "
                + "Give a probability, or nil for no alarms."
        case .altered(let name, let expected, let got):
            return "The file \(name) must have the SHA-256 \(expected). Got \(got): it was altered "
                + "after the package was written. Write the package again."
        }
    }

    public var errorDescription: String? { description }
}
