namespace Sio.Data;

/// <summary>How <see cref="TwoSourceSampler"/> walks through its images.</summary>
public enum SamplingOrder
{
    /// <summary>
    /// As in SIO's own code: fresh permutations of both sources every epoch, each read from its beginning. With ratio r an epoch
    /// shows about r of the real images; where a source runs out, batches get smaller and may be empty.
    /// </summary>
    Paper,

    /// <summary>
    /// Each source's permutations are read on across batches and epochs, and a fresh one is drawn when one is used up:
    /// every batch is full, and at any moment no image of a source was seen more than once more often than another.
    /// </summary>
    Continuous,
}
