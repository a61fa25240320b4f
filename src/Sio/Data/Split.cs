namespace Sio.Data;

/// <summary>The two parts in which most data sets come.</summary>
public enum Split
{
    /// <summary>The images to train with.</summary>
    Train,

    /// <summary>The images to measure with.</summary>
    Test,
}
