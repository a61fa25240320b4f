namespace Sio.Detection.Detectors;

/// <summary>How <see cref="She"/> compares a feature with its class's pattern.</summary>
public enum SheMetric
{
    /// <summary>⟨f, s⟩.</summary>
    InnerProduct,

    /// <summary>⟨f, s⟩ / (‖f‖ ‖s‖); 0 where one of them is zero.</summary>
    Cosine,

    /// <summary>−‖f − s‖.</summary>
    Euclidean,
}
