// The kind and the zone that a vendor's words mean: the twin of novin_ml/events/kinds.py and
// zones.py. All is compared scalar by scalar, as in Python: Swift's own comparison takes an "n" with
// an accent of its own for another letter than "n".

extension EventKind {
    /// The kind of event that a type tells by what it contains, whatever the vendor put around it.
    public init(ofType type: String) {
        let lowered = lowercased(type)
        self = EventKind.utf8Texts.first { contains(lowered, $0.text) }?.kind ?? .other
    }

    private static let utf8Texts = texts.map { (text: Array($0.text.utf8), kind: $0.kind) }
}

extension Zone {
    /// The zone that a location means: its exact name, an alias, or the first zone whose name it
    /// contains, in lower case and with `_` for spaces. Everything else is `unknown`.
    public init(ofLocation location: String?) {
        guard let location else {
            self = .unknown
            return
        }
        let name = lowercased(location).map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "_") : $0 }
        self = Zone.byName[name]
            ?? Zone.utf8Names.first { contains(name, $0.name) }?.zone
            ?? .unknown
    }

    private static let utf8Names = allCases.map { (name: Array($0.name.utf8), zone: $0) }

    private static let byName = Dictionary(
        allCases.flatMap { zone in ([zone.name] + zone.aliases).map { (Array($0.utf8), zone) } },
        uniquingKeysWith: { _, last in last })
}

/// A text in lower case, in UTF-8.
private func lowercased(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    if bytes.allSatisfy({ $0 < 0x80 }) {
        return bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }
    return text.unicodeScalars.flatMap { Array($0.properties.lowercaseMapping.utf8) }
}

/// Whether a text contains another, which is in ASCII and not empty.
private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard text.count >= part.count else { return false }
    return (0...text.count - part.count).contains { start in
        text[start] == part[0] && text[start..<start + part.count].elementsEqual(part)
    }
}
