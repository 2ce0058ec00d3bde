import LedgerCore

// BytebaseExport.swift
//
// What Bytebase's API gives (docs.bytebase.com, "API"; proto3 as JSON: camelCase, what is empty left out,
// int64 as text). A page, or several one after the other, or the objects by themselves:
//
//    GET /v1/instances/prod/databases/orders/changelogs?view=CHANGELOG_VIEW_FULL
//    {"changelogs": [{"name": "instances/prod/databases/orders/changelogs/101", "createTime": "…",
//      "status": "DONE", "type": "MIGRATE", "version": "42", "statement": "…", "statementSize": "31",
//      "statementSheet": "projects/shop/sheets/7", "issue": "projects/shop/issues/12", "taskRun": "…"}]}
//    GET /v1/instances/prod/databases/orders/revisions
//    {"revisions": [{"name": "…/revisions/5", "version": "42", "sheetSha256": "…", "taskRun": "…"}]}
//    POST /v1/auditLogs:search
//    {"auditLogs": [{"name": "projects/shop/auditLogs/9", "createTime": "…", "user": "users/a@b.c",
//      "method": "/bytebase.v1.IssueService/ApproveIssue", "request": "{\"name\":\"…/issues/12\"}"}]}
//
// Newer versions say of a changelog only name, time, status, task run and the plan's title.

/// The objects of Bytebase's answers, by what they are.
struct BytebaseExport {
    private(set) var changelogs: [ReportItem] = []
    private(set) var revisions: [ReportItem] = []
    private(set) var auditLogs: [ReportItem] = []

    /// - Throws: `invalidEvent` for what is no such answer.
    init(_ bytes: [UInt8]) throws(LedgerError) {
        let items = try ReportItem.read(bytes, lists: "changelogs", "revisions", "auditLogs")
        for item in items {
            let item = try item.checkedObject()
            guard let name = try item.text("name") else {
                // The last page may be empty.
                if item.hasOnly("nextPageToken") { continue }
                if let message = try item.text("message") {
                    throw LedgerError(
                        .invalidEvent,
                        "\(item.place) is an error of the API: \(VisibleName.of(message))",
                        advice: "fetch it again, with an account that may read it")
                }
                throw item.missing("name")
            }
            let parts = name.split(separator: "/")
            switch parts.dropLast().last {
            case "changelogs": changelogs.append(item)
            case "revisions": revisions.append(item)
            case "auditLogs": auditLogs.append(item)
            default:
                throw LedgerError(
                    .invalidEvent,
                    "\(item.place): \(VisibleName.of(name)) is no changelog, revision or audit log",
                    advice: "give what Bytebase's API lists: changelogs, revisions, auditLogs")
            }
        }
    }

    /// `instances/prod/databases/orders`, of `instances/prod/databases/orders/changelogs/101`.
    static func database(in name: String) -> String? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard let start = parts.firstIndex(of: "instances"), parts.count > start + 3,
            parts[start + 2] == "databases"
        else { return nil }
        return parts[start...start + 3].joined(separator: "/")
    }

    /// `12`, of `projects/shop/issues/12`.
    static func number(_ collection: String, in name: String?) -> String? {
        guard let parts = name?.split(separator: "/"),
            let place = parts.firstIndex(of: collection[...]),
            place + 1 < parts.count
        else { return nil }
        return String(parts[place + 1])
    }

    /// `ann@example.com`, of `users/ann@example.com`.
    static func user(_ name: String?) -> String? {
        name.map { $0.hasPrefix("users/") ? String($0.dropFirst(6)) : $0 }
    }

    /// The object as it came, without secrets in its statements; without its dumps of the whole schema
    /// where those are too large to keep.
    static func row(_ item: ReportItem) -> [UInt8]? {
        guard var object = (try? JSONReader.read(item.bytes))?.object else { return nil }
        if let statement = object["statement"]?.string {
            object["statement"] = .string(SecretFreeText.text(of: statement))
        }
        if let request = object["request"]?.string {
            guard var inner = (try? JSONReader.read(Array(request.utf8)))?.object else {
                return nil
            }
            if let statement = inner["statement"]?.string {
                inner["statement"] = .string(SecretFreeText.text(of: statement))
            }
            object["request"] = .string(
                String(decoding: CanonicalJSON.bytes(.object(inner)), as: UTF8.self))
        }
        // What a query gave back.
        object["response"] = nil
        var bytes = CanonicalJSON.bytes(.object(object))
        if bytes.count > EventSchema.attachmentByteLimit {
            for name in ["schema", "prevSchema", "statement"] { object[name] = nil }
            bytes = CanonicalJSON.bytes(.object(object))
        }
        return bytes.count <= EventSchema.attachmentByteLimit ? bytes : nil
    }
}

extension ReportItem {
    /// Whether it has no other member than this one.
    fileprivate func hasOnly(_ name: String) -> Bool {
        guard case .object(let members) = value else { return false }
        return members.allSatisfy { $0.name == name }
    }
}
