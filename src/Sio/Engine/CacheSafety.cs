namespace Sio.Engine;

/// <summary>
/// What was found and done about a defect of LibTorch 2.10: on virtual machines that hide the CPU's caches, oneDNN, which computes its
/// convolutions, takes them for caches of a single byte, and results are wrong or the process dies.
/// </summary>
public enum CacheSafety
{
    /// <summary>The CPU shows its caches, or is none that oneDNN asks: nothing to do.</summary>
    NotNeeded,

    /// <summary>The caches are hidden, and oneDNN knows that it knows nothing: it uses sizes of its own, as it should.</summary>
    NotAffected,

    /// <summary>The caches are hidden, and oneDNN's count of them was corrected: right at full speed.</summary>
    Repaired,

    /// <summary>The caches are hidden, and oneDNN was switched off: right, and two to three times slower.</summary>
    SwitchedOff,
}
