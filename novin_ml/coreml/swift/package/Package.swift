// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "NovinModels",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [
        .library(name: "NovinFeatures", targets: ["NovinFeatures"]),
        .library(name: "NovinModels", targets: ["NovinModels"]),
        .library(name: "NovinUpdates", targets: ["NovinUpdates"]),
        .library(name: "NovinStore", targets: ["NovinStore"]),
        .executable(name: "novin-tool", targets: ["novin-tool"]),
    ],
    targets: [
        // Events and their features, equal to Python's bit for bit.
        .target(name: "NovinFeatures"),
        // Evaluates the exported models where Core ML does not exist: an app has none of it.
        .target(name: "NovinReference"),
        // What a home that trains sends, read and written on any system.
        .target(name: "NovinUpdates"),
        // The models, and a predictor for each family. Core ML compiles them on the device: they are
        // copied as they are, so that what was certified is what is loaded.
        .target(
            name: "NovinModels",
            dependencies: [
                "NovinFeatures", "NovinUpdates",
                .target(name: "NovinReference", condition: .when(platforms: [.linux])),
            ],
            resources: [.copy("Models"), .copy("PrivacyInfo.xcprivacy")]),
        // Signed releases over a network: what does not hold is not opened.
        .target(name: "NovinStore", dependencies: ["NovinModels", "NovinUpdates"]),
        .executableTarget(
            name: "novin-tool", dependencies: ["NovinFeatures", "NovinModels", "NovinUpdates"]),
        .testTarget(
            name: "NovinModelsTests",
            dependencies: ["NovinFeatures", "NovinModels", "NovinReference", "NovinUpdates"],
            resources: [.copy("Golden")]),
        .testTarget(
            name: "NovinStoreTests",
            dependencies: ["NovinFeatures", "NovinModels", "NovinStore", "NovinUpdates"]),
    ]
)
