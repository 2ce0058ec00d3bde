/// Reads a record as `CSVWriter` writes it.
public enum CSVReader {
    /// The fields of one record, without its end. What stands in front of a formula stays.
    public static func fields(_ record: [UInt8]) -> [String] {
        let quote = UInt8(ascii: "\"")
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var place = 0
        while place < record.count {
            let byte = record[place]
            let next = place + 1 < record.count ? record[place + 1] : 0
            if isQuoted, byte == quote, next == quote {
                field.append(quote)
                place += 1
            } else if byte == quote {
                isQuoted.toggle()
            } else if byte == UInt8(ascii: ","), !isQuoted {
                fields.append(String(decoding: field, as: UTF8.self))
                field = []
            } else {
                field.append(byte)
            }
            place += 1
        }
        return fields + [String(decoding: field, as: UTF8.self)]
    }
}
