import Foundation
import NovinFeatures

/// The words of rows of features, in each language; each line `{"family", "row", "window"}`.
enum WordsCommand {
    struct Line: Decodable {
        let family: String
        /// The bits of float32 numbers.
        let row: [UInt32]
        let window: Double?
        let silence: Double?
    }

    struct Said: Encodable {
        let name: String
        let value: Double?
        let words: Words
        let english, german: String
    }

    static func run() throws {
        let (decoder, encoder) = (JSONDecoder(), JSONEncoder())
        while let text = readLine() {
            let line = try decoder.decode(Line.self, from: Data(text.utf8))
            guard var specs = FeatureSpecs.byFamily[line.family] else {
                throw ToolError("A line must name a family. Got \(line.family).")
            }
            if let window = line.window, let silence = line.silence {
                specs = DeliveryFeatures.specs(window: window, silence: silence)
            }
            let row = line.row.map { Float(bitPattern: $0) }
            let factors = Factor.factors(of: specs, family: line.family, window: line.window)
            let said = factors.map { factor in
                let (value, words) = factor.describe(row)
                return Said(
                    name: factor.name, value: value, words: words, english: words.text,
                    german: words.text(in: .german))
            }
            print(String(decoding: try encoder.encode(said), as: UTF8.self))
        }
    }
}
