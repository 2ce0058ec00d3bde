import Glibc
import LedgerCore
import LedgerOperations
import Yams

// SettingsFile.swift
//
// What `ledger serve --config FILE` reads. A flag goes before a variable, a variable before the
// file, the file before what is built in. Paths are seen from the file's folder.
//
//    ledger: ledger.db
//    listen: 0.0.0.0:8437
//    tls-cert: chain.pem
//    tls-key: key.pem
//    public-read: false
//    limits:
//      body-bytes: 16777216
//    hooks:
//      - kind: github                     # POST /v1/hooks/github; with `name: shop`, …/github/shop
//        secrets:                         # whichever fits: two while one is changed for the other
//          - secret-env: GITHUB_HOOK_SECRET
//          - secret-file: /run/secrets/github
//        environments:
//          production: prod
//          production-eu: {environment: prod, region: eu}
//        repositories:
//          github.com/shop/billing: billing
//          github.com/shop/orders:        # merges are resolved to their scripts in a clone
//            clone: /srv/git/orders.git
//            services:
//              orders: {paths: [migrations/**], tool: flyway}
//
//    oidc:                                # IssuerSettings+YAML.swift
//      - issuer: https://token.actions.githubusercontent.com
//        rules:
//          - {claims: {repository: shop/orders}, role: writer, services: [orders]}
//
// A key that is not in the table `keys` is an error, and so is one that stands twice.

/// The settings of `ledger serve` in a YAML file.
public struct SettingsFile: Sendable {
    /// What a key means, as the README's table has it.
    public struct Key: Sendable {
        /// From the root on, such as `limits.events`.
        public let name: String
        public let meaning: String
    }

    /// A part of the file with a reader of its own.
    struct Section: Sendable {
        let name: String
        /// All begin with the section's name.
        let keys: [Key]
        let read: @Sendable (Node, inout SettingsReader) throws(LedgerError) -> Void

        /// The names right below `name`, or below one of its keys.
        func names(below parent: String? = nil) -> [String] {
            SettingsFile.names(of: keys, below: parent ?? name)
        }
    }

    // A new section is one line here, and a file `SettingsFile+NAME.swift`.
    private static let sections: [Section] = [limits, hooks, issuers]

    private static let topKeys = [
        Key(name: "ledger", meaning: "the ledger's file; `--ledger`, `LEDGER`"),
        Key(
            name: "listen",
            meaning: "`HOST:PORT`, else `127.0.0.1:8437`; `--listen`, `LEDGER_LISTEN`"),
        Key(
            name: "tls-cert",
            meaning: "the certificate's chain, PEM; `--tls-cert`, `LEDGER_TLS_CERT`"),
        Key(name: "tls-key", meaning: "its key, PEM; `--tls-key`, `LEDGER_TLS_KEY`"),
        Key(
            name: "public-read",
            meaning: "whether whoever reaches the service may read what a reader may; "
                + "`--public-read`, `LEDGER_PUBLIC_READ`"),
    ]

    /// Every key there is.
    public static let keys: [Key] = topKeys + sections.flatMap(\.keys)

    private static func names(of keys: [Key], below parent: String) -> [String] {
        keys.compactMap { key in
            guard key.name.hasPrefix(parent + ".") else { return nil }
            let name = key.name.dropFirst(parent.utf8.count + 1)
            return name.contains(".") ? nil : String(name)
        }
    }

    /// As the file has them; `ledger` is empty if it names none.
    public let settings: ServiceSettings
    /// What a person should know, one sentence each.
    public let warnings: [String]

    /// - Parameter variable: gives the variables that the file names.
    /// - Throws: `usage` with the file and the line, `notFound` or `io` for a file that can't be
    ///   read.
    public init(
        _ path: String, variable: @escaping @Sendable (String) -> String?
    ) throws(LedgerError) {
        let yaml = YAMLReader(path: path)
        var reader = SettingsReader(yaml: yaml, variable: variable)
        if let node = try yaml.document() { try Self.read(node, &reader) }
        settings = reader.settings
        warnings = reader.warnings
    }

    private static func read(
        _ node: Node, _ reader: inout SettingsReader
    ) throws(LedgerError) {
        let known = topKeys.map(\.name) + sections.map(\.name)
        for (key, value) in try reader.yaml.members(node, "the file", known) {
            if let section = sections.first(where: { $0.name == key }) {
                try section.read(value, &reader)
                continue
            }
            let yaml = reader.yaml
            switch key {
            case "ledger": reader.settings.ledger = yaml.resolved(try yaml.text(value, key))
            case "tls-cert": reader.settings.certificate = yaml.resolved(try yaml.text(value, key))
            case "tls-key": reader.settings.key = yaml.resolved(try yaml.text(value, key))
            case "public-read": reader.settings.isReadingPublic = try yaml.truth(value, key)
            default:
                let text = try yaml.text(value, key)
                do throws(LedgerError) {
                    try reader.settings.setListen(text)
                } catch {
                    throw yaml.invalid(error.message, value, advice: error.advice)
                }
            }
        }
    }
}

/// What the parts of the file are read with, and into.
struct SettingsReader {
    let yaml: YAMLReader
    let variable: @Sendable (String) -> String?
    var settings = ServiceSettings(ledger: "")
    private(set) var warnings: [String] = []

    init(yaml: YAMLReader, variable: @escaping @Sendable (String) -> String?) {
        self.yaml = yaml
        self.variable = variable
    }

    /// A secret: `secret: TEXT`, `secret-file: PATH` or `secret-env: NAME`.
    mutating func secret(_ node: Node, _ place: String) throws(LedgerError) -> String {
        let known = ["secret", "secret-file", "secret-env"]
        let members = try yaml.members(node, place, known)
        guard members.count == 1, let (key, value) = members.first else {
            throw yaml.invalid("\(place) needs one of \(known.joined(separator: ", "))", node)
        }
        let text = try yaml.text(value, key)
        switch key {
        case "secret":
            warn(of: yaml.path)
            return text
        case "secret-file":
            let path = yaml.resolved(text)
            warn(of: path)
            var secret = try yaml.secret(in: path, value)
            while secret.utf8.last == 0x0A || secret.utf8.last == 0x0D {
                secret.unicodeScalars.removeLast()
            }
            return secret
        default:
            settings.secretVariables.append(text)
            guard let secret = variable(text), !secret.isEmpty else {
                throw yaml.invalid("the variable \(text), named here, is not set", value)
            }
            return secret
        }
    }

    private mutating func warn(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & (S_IRGRP | S_IROTH) != 0 else { return }
        let warning = "\(path) holds secrets, and others may read it: chmod 600 it"
        if !warnings.contains(warning) { warnings.append(warning) }
    }
}
