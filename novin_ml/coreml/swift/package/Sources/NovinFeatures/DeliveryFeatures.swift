/// The features that deliveries are told by: the twin of novin_ml/features/delivery/features.py.
///
/// All are equal to Python's bit for bit, but for sine and cosine of the local time: these may
/// differ in the last bit.
public enum DeliveryFeatures {
    /// Computes the features of events.
    ///
    /// - Parameters:
    ///   - events: All events of their homes around those of interest, in any order.
    ///   - window: How far back to look for other events of the home, in seconds.
    ///   - silence: How long after an event the decision is taken, in seconds. What has not happened
    ///     yet is taken for silence.
    /// - Returns: A row for each event, in their order; its columns are `FeatureSpecs.delivery`.
    public static func compute(
        _ events: [Event], window: Double = 60, silence: Double = 20
    ) -> [[Float]] {
        zip(events, EventContext.around(events, window: window, silence: silence)).map {
            row($0, $1, window: window)
        }
    }

    /// What the columns are, with the limits of a window and of a silence.
    public static func specs(window: Double, silence: Double) -> [FeatureSpec] {
        let limits = [
            "seconds_since_doorbell": window, "seconds_since_vehicle": window,
            "silence_after": silence,
        ]
        return FeatureSpecs.delivery.map { spec in
            FeatureSpec(
                name: spec.name, unit: spec.unit, low: spec.low,
                high: limits[spec.name] ?? spec.high, meaning: spec.meaning)
        }
    }

    private static func row(_ event: Event, _ context: EventContext, window: Double) -> [Float] {
        let signal = SignalStatistics(raw: event.raw, sampleRate: event.sampleRate)
        let clock = clockColumns(event.timestamp, utcOffset: event.utcOffset)
        return clock.map { Float($0) } + [
            known(event.duration, otherwise: signal.duration),
            known(event.energy, otherwise: signal.energy),
            signal.peak,
            signal.variance,
            Float(event.zone.risk),
            event.zone.kind.code.map { Float($0) } ?? .nan,
            known(context.secondsSinceDoorbell, otherwise: Float(window)),
            context.silenceAfter,
            context.eventsInWindow,
            known(context.secondsSinceVehicle, otherwise: Float(window)),
            event.homeMode.map { Float($0.absence) } ?? .nan,
            event.confidence,
        ]
    }

    private static func known(_ value: Float, otherwise: Float) -> Float {
        value.isNaN ? otherwise : value
    }
}
