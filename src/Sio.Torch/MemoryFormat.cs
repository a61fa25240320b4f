namespace Sio.Torch;

/// <summary>Orders of the elements in memory, with LibTorch's numbers (<c>c10::MemoryFormat</c>).</summary>
public enum MemoryFormat
{
    /// <summary>C order: NCHW for images.</summary>
    Contiguous = 0,

    /// <summary>The order the input has.</summary>
    Preserve = 1,

    /// <summary>NHWC in memory under an NCHW shape; the faster one for convolutions on recent GPUs and CPUs.</summary>
    ChannelsLast = 2,
}
