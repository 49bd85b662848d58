import Foundation

/// Why a model could not be read or evaluated: a sentence that says what to do.
public enum ReferenceError: Error, Equatable, LocalizedError, CustomStringConvertible {
    /// The file is no Core ML model, or part of it is missing.
    case damaged(String)
    /// The model has a part that this evaluator does not know, or does not trust.
    case unsupported(String)
    /// The row that was given does not fit the model.
    case wrongInput(String)

    public var description: String {
        switch self {
        case .damaged(let why):
            return "A .mlmodel file must hold a whole Core ML model. Got \(why). "
                + "Export the model again."
        case .unsupported(let what):
            return "A model must be as novin_ml exports it to be evaluated without Core ML. "
                + "Got \(what). Evaluate this model with Core ML itself."
        case .wrongInput(let why):
            return why
        }
    }

    public var errorDescription: String? { description }
}
