using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>The order in which a network's weights lie in memory; TorchSharp's modules cannot change it.</summary>
public static class MemoryLayout
{
    /// <summary>Puts all weights with four dimensions into a memory order, but for those of layers that LibTorch computes wrong in it. Parameters stay the same objects; gradients are dropped.</summary>
    /// <param name="module">The network.</param>
    /// <param name="format">The order.</param>
    public static void ToMemoryFormat(this nn.Module module, memory_format format)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var part in module.modules().Prepend(module))
        {
            if (part is Conv2d { KeepsPlainLayout: true })
                continue;
            foreach (var value in part.parameters(recurse: false).Concat(part.buffers(recurse: false)))
            {
                if (value.ndim != 4)
                    continue;
                value.grad = null;
                value.set_(TensorMemory.Contiguous(value.detach(), format));
            }
        }
    }
}
