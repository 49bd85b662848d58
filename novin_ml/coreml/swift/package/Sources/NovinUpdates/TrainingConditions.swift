import Foundation

/// What matters of a device to somebody who wants to train on it.
public struct DeviceState: Sendable, Equatable {
    /// How hot the device is, as the system says it.
    public enum Heat: Int, Sendable, Comparable {
        case nominal, fair, serious, critical

        public static func < (left: Heat, right: Heat) -> Bool { left.rawValue < right.rawValue }
    }

    /// From 0 to 1; nil if the device has no battery, or does not tell.
    public var batteryLevel: Float?
    /// Whether it is connected to power.
    public var isCharging: Bool
    /// Whether its user saves power.
    public var savesPower: Bool
    public var heat: Heat

    public init(
        batteryLevel: Float? = nil, isCharging: Bool = false, savesPower: Bool = false,
        heat: Heat = .nominal
    ) {
        self.batteryLevel = batteryLevel
        self.isCharging = isCharging
        self.savesPower = savesPower
        self.heat = heat
    }
}

/// When a device may train. It is asked before the training and after each epoch.
public struct TrainingConditions: Sendable, Equatable {
    /// The least level of a battery that is not being charged.
    public var leastBattery: Float
    /// Whether it must be connected to power, whatever the level.
    public var needsPower: Bool
    /// The most heat.
    public var mostHeat: DeviceState.Heat

    public init(
        leastBattery: Float = 0.5, needsPower: Bool = false, mostHeat: DeviceState.Heat = .fair
    ) {
        self.leastBattery = leastBattery
        self.needsPower = needsPower
        self.mostHeat = mostHeat
    }

    /// Refuses a device that must not train now.
    ///
    /// - Throws: `UpdateError.notNow`
    public func check(_ device: DeviceState) throws {
        guard device.heat <= mostHeat else { throw UpdateError.notNow("heat: \(device.heat)") }
        guard !device.savesPower else { throw UpdateError.notNow("low power mode") }
        guard !device.isCharging else { return }
        guard !needsPower else { throw UpdateError.notNow("no connection to power") }
        if let level = device.batteryLevel, !(level >= leastBattery) {
            throw UpdateError.notNow(String(format: "a battery of %.0f percent", 100 * level))
        }
    }
}
