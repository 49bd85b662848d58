import Foundation

/// A rule that an event, a request or a line breaks: the same words as in Python.
public struct EventRefusal: Equatable, Sendable, CustomStringConvertible {
    /// The line, from 1; 1 where there is but one text.
    public let line: Int
    /// Path of the field, such as `events[3].metadata.raw`; `line` where nothing can be read.
    public let field: String
    /// What it must be.
    public let expected: String
    /// What it is, as JSON, its middle left out if it is long.
    public let got: String

    public var description: String {
        "The \(field) must be \(expected). Got \(got) instead. Correct it or leave the event out."
    }
}

/// JSON that holds no valid events.
public struct EventError: Error, Equatable, LocalizedError, CustomStringConvertible {
    /// The first rule that is broken.
    public let refusal: EventRefusal

    public var description: String { refusal.description }
    public var errorDescription: String? { description }
}

/// Events of which no features can be computed.
public struct FeatureError: Error, Equatable, LocalizedError, CustomStringConvertible {
    /// What is wrong, and what to do.
    public let description: String
    public var errorDescription: String? { description }

    public init(_ description: String) { self.description = description }
}
