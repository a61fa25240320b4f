using Sio.Engine;
using Sio.Optim;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training;

/// <summary>An optimiser that goes on from saved state has it in memory as it was.</summary>
public sealed class OptimizerLayoutTests
{
    [Fact]
    public void Momentum_is_loaded_in_the_order_of_its_parameter()
    {
        var before = TensorCount.Settled();
        using (NewDisposeScope())
        {
            var plain = torch.tensor(Enumerable.Range(0, 300).Select(i => (float)i).ToArray(), [4, 3, 5, 5]);
            var weight = TensorMemory.Contiguous(plain, memory_format.channels_last);
            var bias = torch.ones([4]);
            using var optimizer = new Sgd([weight, bias], learningRate: 0.1, momentum: 0.9);
            optimizer.LoadStateDict(new Dictionary<string, Tensor> { ["0.momentum_buffer"] = plain, ["1.momentum_buffer"] = bias }, 1);
            var loaded = optimizer.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value);
            Assert.True(TensorMemory.IsContiguous(loaded["0.momentum_buffer"], memory_format.channels_last));
            Assert.False(loaded["0.momentum_buffer"].is_contiguous());
            Assert.Equal(plain.ToArray<float>(), loaded["0.momentum_buffer"].contiguous().ToArray<float>());
            Assert.True(loaded["1.momentum_buffer"].is_contiguous());
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }
}
