// swift-tools-version:6.0
// A package of an app: in Swift 6 mode, beside the package of models.
import PackageDescription

let package = Package(
    name: "Outside",
    platforms: [.iOS(.v16), .macOS(.v13)],
    dependencies: [.package(path: "../NovinModels")],
    targets: [
        .testTarget(
            name: "OutsideTests",
            dependencies: [
                .product(name: "NovinFeatures", package: "NovinModels"),
                .product(name: "NovinModels", package: "NovinModels"),
                .product(name: "NovinStore", package: "NovinModels"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
