import LedgerCrypto

/// Where a change runs: service and environment, and as far as given tenant, region and cluster.
public struct Target: Hashable, Sendable {
    public var service: String?
    public var environment: String?
    public var tenant: String?
    public var region: String?
    public var cluster: String?

    public init(
        service: String? = nil, environment: String? = nil, tenant: String? = nil,
        region: String? = nil, cluster: String? = nil
    ) {
        self.service = service
        self.environment = environment
        self.tenant = tenant
        self.region = region
        self.cluster = cluster
    }

    // Names are bytes: the synthesized forms would take é and e + ◌́ for the same target, though
    // they are two streams.
    public static func == (left: Target, right: Target) -> Bool {
        // Those that differ most often first.
        left.tenant.hasSameBytes(as: right.tenant) && left.cluster.hasSameBytes(as: right.cluster)
            && left.region.hasSameBytes(as: right.region)
            && left.environment.hasSameBytes(as: right.environment)
            && left.service.hasSameBytes(as: right.service)
    }

    public func hash(into hasher: inout Hasher) {
        func combine(_ name: String?) {
            // No byte of UTF-8.
            if let name {
                ExactText(name).hash(into: &hasher)
            } else {
                hasher.combine(0xFE as UInt8)
            }
        }
        combine(tenant)
        combine(cluster)
        combine(region)
        combine(environment)
        combine(service)
    }

    /// Which members beyond service and environment a target's name has.
    public struct Shape: OptionSet, Hashable, Sendable {
        public let rawValue: Int

        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        public static let tenant = Shape(rawValue: 1)
        public static let region = Shape(rawValue: 2)
        public static let cluster = Shape(rawValue: 4)
    }

    public var shape: Shape {
        var shape: Shape = []
        if tenant != nil { shape.insert(.tenant) }
        if region != nil { shape.insert(.region) }
        if cluster != nil { shape.insert(.cluster) }
        return shape
    }

    private var names: [String?] { [service, environment, tenant, region, cluster] }

    /// The target that an event names.
    public init(of members: JSONObject) {
        for member in members.members {
            guard case .string(let value) = member.value else { continue }
            switch member.name {
            case "cluster": cluster = value
            case "environment": environment = value
            case "region": region = value
            case "service": service = value
            case "tenant": tenant = value
            default: break
            }
        }
    }

    /// The members that are given.
    public var json: JSONObject {
        JSONObject([
            "cluster": cluster.map(JSON.string), "environment": environment.map(JSON.string),
            "region": region.map(JSON.string), "service": service.map(JSON.string),
            "tenant": tenant.map(JSON.string),
        ])
    }

    /// `orders/prod/acme`: the members that are given, in order.
    public var text: String {
        names.compactMap(\.self).joined(separator: "/")
    }

    /// Names the stream of this target in one log:
    /// `SHA-256(JCS({"cluster":…,"environment":…,"log":…,"region":…,"service":…,"tenant":…}))`,
    /// without the members that are absent.
    public func streamID(log: String, hasher: SHA256) -> Digest {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(160)
        appendCanonical(log: log, to: &buffer)
        return hasher.hash(buffer)
    }

    private func appendCanonical(log: String, to buffer: inout [UInt8]) {
        func append(_ name: StaticString, _ value: String?) {
            guard let value else { return }
            buffer.append(buffer.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            CanonicalJSON.append(verbatim: name, to: &buffer)
            CanonicalJSON.append(value, to: &buffer)
        }
        append("\"cluster\":", cluster)
        append("\"environment\":", environment)
        append("\"log\":", log)
        append("\"region\":", region)
        append("\"service\":", service)
        append("\"tenant\":", tenant)
        buffer.append(UInt8(ascii: "}"))
    }
}
