// The declarations of UIKit that the package uses; see CoreML.swift.

@MainActor
public class UIDevice {
    public enum BatteryState: Int {
        case unknown, unplugged, charging, full
    }

    public static let current = UIDevice()
    public var isBatteryMonitoringEnabled = false
    public var batteryLevel: Float { -1 }
    public var batteryState: BatteryState { .unknown }
}
