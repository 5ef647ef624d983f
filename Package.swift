// swift-tools-version: 6.2

import PackageDescription

/// Every Swift target: strict concurrency comes with the language mode, the rest is said here once.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// Targets that call C: every unsafe expression is marked where it stands.
let strictWithC: [SwiftSetting] = strict + [.strictMemorySafety()]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let flyingSocks = Target.Dependency.product(name: "FlyingSocks", package: "FlyingFox")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "drainer",
    products: [
        .executable(name: "drainer", targets: ["drainer"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        // What swift-configuration reads YAML with. Its provider lists no keys and tells null from no text, so an unknown
        // key or a map in place of a value is only found by looking at the same document.
        .package(url: "https://github.com/jpsim/Yams", "5.4.0"..<"7.0.0"),
    ],
    targets: [
        // Floor 0: C.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLinux"),

        // Floor 1: values and threads.
        .target(name: "Threads", dependencies: ["CLinux"], swiftSettings: strictWithC),
        // Frames are a part of the wire format: Entries is the only caller of libzstd.
        .target(name: "Entries", dependencies: ["CZstd"], swiftSettings: strictWithC),

        // Floor 2: the only callers of hiredis and libpq.
        .target(name: "Redis", dependencies: ["CHiredis", "Threads"], swiftSettings: strictWithC),
        .target(name: "Postgres", dependencies: ["CLibPQ", "Threads"], swiftSettings: strictWithC),
        .target(name: "Telemetry", dependencies: ["Entries", logging, metrics], swiftSettings: strict),

        // Floor 3: the policy, without a server.
        .target(name: "Drain", dependencies: ["Entries", "Telemetry", logging], swiftSettings: strict),

        // Floor 4: its adapters.
        .target(
            name: "StreamSource",
            dependencies: ["Drain", "Entries", "Redis", "Telemetry", logging],
            swiftSettings: strict
        ),
        .target(
            name: "TableSink",
            dependencies: ["Drain", "Entries", "Postgres", "Telemetry", logging],
            swiftSettings: strict
        ),
        .target(name: "Admin", dependencies: ["Telemetry", flyingSocks, lifecycle, logging], swiftSettings: strict),

        // Floor 5: settings, the composition root, and what operators ask for.
        .target(
            name: "Settings",
            dependencies: ["Drain", "Postgres", "Redis", configuration, logging, systemPackage, yaml],
            swiftSettings: strict
        ),
        .target(
            name: "App",
            dependencies: [
                "Admin", "Drain", "Entries", "Postgres", "Redis", "Settings", "StreamSource", "TableSink", "Telemetry",
                "Threads",
                lifecycle, logging, metrics, unixSignals,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Operations",
            dependencies: ["Drain", "Entries", "Postgres", "Redis", "Settings", "StreamSource", "TableSink", logging],
            swiftSettings: strict
        ),

        // Floor 6: the commands.
        .executableTarget(
            name: "drainer",
            dependencies: [
                "App", "Drain", "Entries", "Operations", "Postgres", "Redis", "Settings", "StreamSource", "TableSink",
                "Telemetry", "Threads", argumentParser, logging,
            ],
            swiftSettings: strict
        ),

        // Reachable from no product: what tests and benchmarks stand on.
        .target(
            name: "TestSupport",
            dependencies: ["CZstd", "Drain", "Entries", "Postgres", "Redis"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench",
            dependencies: ["Drain", "Entries", "Postgres", "Redis", "Settings", "TestSupport", argumentParser],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "chaos",
            dependencies: ["Postgres", "Redis", "TestSupport", argumentParser],
            swiftSettings: strict
        ),

        .target(
            name: "SoakSupport",
            dependencies: ["Postgres", "Redis", "Settings", "TestSupport"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "soak",
            dependencies: ["SoakSupport", argumentParser],
            swiftSettings: strict
        ),

        .testTarget(name: "EntriesTests", dependencies: ["Entries", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "SettingsTests",
            dependencies: ["Drain", "Redis", "Settings", logging],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DrainTests",
            dependencies: ["Drain", "Entries", "TestSupport", logging],
            swiftSettings: strict
        ),
        .testTarget(name: "ProtocolModelTests", swiftSettings: strict),
        .testTarget(
            name: "OperationsTests",
            dependencies: ["Drain", "Entries", "Operations", "Settings", "StreamSource", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TelemetryTests",
            dependencies: ["Entries", "Telemetry", "TestSupport", logging, metrics],
            swiftSettings: strict
        ),
        .testTarget(name: "AdminTests", dependencies: ["Admin", "TestSupport", logging], swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Drain", "Entries", "Postgres", "Redis", "SoakSupport", "StreamSource", "TableSink", "TestSupport",
                logging,
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
