using Sio.Engine;

namespace Sio.Tests;

internal static class TensorCount
{
    /// <summary>Native tensors that live now. Those of earlier tests may wait for their finalizers: a count makes sense only after they are gone.</summary>
    internal static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return TorchRuntime.LiveTensors;
    }
}
