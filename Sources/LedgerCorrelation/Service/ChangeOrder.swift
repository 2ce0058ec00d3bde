import LedgerCore

/// The order of a service's changes: by version where their ids are versions, else by when they
/// were merged, or first applied if they never were.
enum ChangeOrder {
    struct Item {
        let id: String
        /// When it was merged or first applied.
        let at: Int64
    }

    /// The places of the items, in order.
    static func sorted(_ items: [Item]) -> [Int] {
        var versioned: [(place: Int, version: [Substring])] = []
        var others: [Int] = []
        for (place, item) in items.enumerated() {
            if let version = version(of: item.id) {
                versioned.append((place, version))
            } else {
                others.append(place)
            }
        }
        versioned.sort { left, right in
            if let isBefore = isBefore(left.version, right.version) { return isBefore }
            return ExactText(items[left.place].id) < ExactText(items[right.place].id)
        }
        others.sort {
            (items[$0].at, ExactText(items[$0].id)) < (items[$1].at, ExactText(items[$1].id))
        }
        return merged(versioned.map(\.place), others, items)
    }

    /// Puts those without a version where their time is, and keeps both in their order.
    private static func merged(_ versioned: [Int], _ others: [Int], _ items: [Item]) -> [Int] {
        var order: [Int] = []
        order.reserveCapacity(items.count)
        var rest = others[...]
        for place in versioned {
            while let other = rest.first, items[other].at < items[place].at {
                order.append(other)
                rest.removeFirst()
            }
            order.append(place)
        }
        return order + rest
    }

    /// The numbers of `42`, `V2.1` or `20261124_0930`, without leading zeros; nil for other ids.
    static func version(of id: String) -> [Substring]? {
        let digits = id.first == "V" || id.first == "v" ? id.dropFirst() : id[...]
        guard let first = digits.utf8.first, isDigit(first) else { return nil }
        let parts = digits.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "_" }
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else { return nil }
        return parts.map { part in
            let number = part.drop { $0 == "0" }
            return number.isEmpty ? "0" : number
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }

    /// Nil if both are the same version.
    private static func isBefore(_ left: [Substring], _ right: [Substring]) -> Bool? {
        for place in 0..<max(left.count, right.count) {
            let one = place < left.count ? left[place] : "0"
            let other = place < right.count ? right[place] : "0"
            if one.utf8.count != other.utf8.count { return one.utf8.count < other.utf8.count }
            if one != other { return one < other }
        }
        return nil
    }
}
