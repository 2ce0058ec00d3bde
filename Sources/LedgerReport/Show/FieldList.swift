import LedgerCore

/// Names and values, one below the other, in sections; long values wrap beside their names.
struct FieldList {
    private struct Field {
        let name: String
        let value: String
        let tone: Tone
    }

    private struct Section {
        let title: String?
        var fields: [Field] = []
    }

    private var sections: [Section] = []

    mutating func section(_ title: String? = nil) {
        sections.append(Section(title: title))
    }

    /// Nothing, for a value that is nil.
    mutating func add(_ name: String, _ value: String?, _ tone: Tone = .plain) {
        guard let value else { return }
        if sections.isEmpty { section() }
        let field = Field(name: VisibleText.line(name), value: value, tone: tone)
        sections[sections.count - 1].fields.append(field)
    }

    /// Objects as one field for each value in them, named by its path.
    mutating func add(_ name: String, _ value: JSON, local: LocalTime) {
        switch value {
        case .string(let text):
            let time = text.hasSuffix("Z") ? Timestamp(rfc3339: text) : nil
            add(name, time.map { local.text(of: $0, to: .milliseconds) } ?? text)
        case .integer(let number): add(name, String(number))
        case .bool(let truth): add(name, truth ? "yes" : "no")
        case .object(let object):
            for member in object.members {
                add(name + "." + member.name, member.value, local: local)
            }
        case .array(let values):
            let isSimple = values.allSatisfy { $0.string != nil }
            let text = values.compactMap(\.string).joined(separator: ", ")
            let json = String(decoding: CanonicalJSON.bytes(value), as: UTF8.self)
            add(name, isSimple ? text : json)
        }
    }

    func write(to output: BufferedOutput, _ appearance: Appearance) throws {
        for (index, section) in sections.filter({ !$0.fields.isEmpty }).enumerated() {
            if index > 0 { try output.write("\n") }
            let indent = section.title == nil ? "" : "  "
            if let title = section.title {
                try output.write(appearance.painted(title, .heading) + "\n")
            }
            let nameWidth = section.fields.map { DisplayWidth.of($0.name) }.max() ?? 0
            let used = indent.utf8.count + nameWidth + 2
            for field in section.fields {
                let lines = WrappedText.lines(
                    field.value, width: appearance.width.map { max(20, $0 - used) },
                    breaksWords: false)
                let gap = String(repeating: " ", count: nameWidth + 2 - DisplayWidth.of(field.name))
                var start = indent + field.name + gap
                for line in lines {
                    let isBlank = line.isEmpty && start.allSatisfy { $0 == " " }
                    try output.write(
                        (isBlank ? "" : start + appearance.painted(line, field.tone)) + "\n")
                    start = String(repeating: " ", count: used)
                }
            }
        }
    }
}
