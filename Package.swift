// swift-tools-version: 6.1
import PackageDescription

// Modules and what may import what: README.md, "How it is laid out". Tests/ArchitectureTests reads
// the import lines and holds them to it.
let package = Package(
    name: "ledger",
    products: [.executable(name: "ledger", targets: ["ledger"])],
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
        .target(
            name: "CLibgit2", linkerSettings: [.linkedLibrary("git2"), .linkedLibrary("z")]),
        .target(name: "LedgerCrypto", dependencies: ["COpenSSL"]),
        .target(name: "LedgerCore", dependencies: ["LedgerCrypto"]),
        .target(
            name: "LedgerSchema", path: "schema", exclude: ["entry", "event"],
            resources: [
                .embedInCode("sqlite/entries.sql"), .embedInCode("sqlite/projections.sql"),
                .embedInCode("http/ledger-run.sh"),
            ]
        ),
        .target(
            name: "LedgerStore",
            dependencies: [
                "LedgerCore", "LedgerCrypto", "LedgerSchema",
                .product(name: "GRDB", package: "GRDB.swift"),
                // The same SQLite, for the loops in which GRDB's values cost more than the work.
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .target(name: "LedgerProof", dependencies: ["LedgerCore", "LedgerCrypto"]),
        .target(name: "LedgerIngest", dependencies: ["CLibgit2", "LedgerCore", "LedgerCrypto"]),
        .target(name: "LedgerReport", dependencies: ["LedgerCore", "LedgerCrypto"]),
        .target(
            name: "LedgerClient", dependencies: ["LedgerCore", "LedgerCrypto", "LedgerIngest"]),
        .target(
            name: "LedgerOperations",
            dependencies: ["LedgerCore", "LedgerCrypto", "LedgerStore", "LedgerProof"]),
        .executableTarget(
            name: "ledger",
            dependencies: [
                "LedgerCore", "LedgerCrypto", "LedgerOperations", "LedgerClient", "LedgerIngest",
                "LedgerReport", "LedgerProof",
                "Yams", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // What `make bench` measures against.
        .executableTarget(
            name: "ledger-bench",
            dependencies: [
                "LedgerCore", "LedgerCrypto", "LedgerSchema", "LedgerStore",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Tests/Benchmarks",
            exclude: ["bench.py", "make_events.py", "make-git-repository.py"]),
        .target(name: "TestSupport", dependencies: ["LedgerCore"], path: "Tests/TestSupport"),
        .testTarget(
            name: "LedgerCoreTests", dependencies: ["LedgerCore", "LedgerCrypto", "TestSupport"]),
        .testTarget(
            name: "LedgerStoreTests", dependencies: ["LedgerStore", "LedgerProof", "TestSupport"]),
        .testTarget(
            name: "LedgerIngestTests", dependencies: ["LedgerIngest", "TestSupport"],
            exclude: ["CloudEvents/cdevents-conformance.golden"]),
        .testTarget(name: "LedgerReportTests", dependencies: ["LedgerReport", "TestSupport"]),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"]),
        .executableTarget(
            name: "RunFixture", dependencies: ["LedgerClient", "LedgerIngest"],
            path: "Tests/RunFixture"),
        .testTarget(
            name: "LedgerClientTests",
            dependencies: ["LedgerClient", "LedgerIngest", "RunFixture", "TestSupport"]),
        .executableTarget(
            name: "FlipFixture", dependencies: ["LedgerCore", "LedgerOperations", "LedgerProof"],
            path: "Tests/FlipFixture", exclude: ["read_flipped.py"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "ledger", "FlipFixture", "LedgerCore", "LedgerCrypto", "LedgerIngest",
                "LedgerOperations", "LedgerProof", "LedgerSchema", "LedgerStore", "TestSupport",
            ],
            exclude: ["RunScript/recorder.py"]),
    ]
)
