// swift-tools-version: 6.1
import PackageDescription

// Modules and what may import what: README.md, "How it is laid out". Tests/ArchitectureTests reads
// the import lines and holds them to it.
let package = Package(
    name: "ledger",
    dependencies: [
        // SQLite with prepared statements, one writer and read-only connections; used by
        // LedgerStore alone.
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Verbs, options, help, completions and manual pages.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // Reads ledger.yaml.
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "CLibgit2", linkerSettings: [.linkedLibrary("git2")]),
        .target(name: "LedgerCrypto", dependencies: ["COpenSSL"]),
        .target(name: "LedgerCore", dependencies: ["LedgerCrypto"]),
        .target(
            name: "LedgerSchema", path: "schema", exclude: ["entry", "event"],
            resources: [.embedInCode("sqlite/entries.sql"), .embedInCode("sqlite/projections.sql")]
        ),
        .target(
            name: "LedgerStore",
            dependencies: [
                "LedgerCore", "LedgerCrypto", "LedgerSchema",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(name: "LedgerProof", dependencies: ["LedgerCore", "LedgerCrypto"]),
        .target(name: "LedgerIngest", dependencies: ["CLibgit2", "LedgerCore", "LedgerCrypto"]),
        .target(name: "LedgerReport", dependencies: ["LedgerCore"]),
        .target(name: "LedgerClient", dependencies: ["LedgerCore"]),
        .target(
            name: "LedgerOperations",
            dependencies: ["LedgerCore", "LedgerStore", "LedgerProof", "LedgerIngest"]),
        .executableTarget(
            name: "ledger",
            dependencies: [
                "LedgerCore", "LedgerOperations", "LedgerClient", "LedgerIngest", "LedgerReport",
                "Yams", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(name: "LedgerCoreTests", dependencies: ["LedgerCore", "LedgerCrypto"]),
        .testTarget(name: "LedgerIngestTests", dependencies: ["LedgerIngest"]),
        .testTarget(name: "LedgerReportTests", dependencies: ["LedgerReport"]),
    ]
)
