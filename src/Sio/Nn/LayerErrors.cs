using System.Runtime.InteropServices;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>LibTorch's errors say what does not fit, but not where: this adds the layer and the shapes.</summary>
internal static class LayerErrors
{
    internal static TorchException In(nn.Module layer, ExternalException error, params ReadOnlySpan<Tensor> tensors)
    {
        var shapes = new List<string>(tensors.Length);
        foreach (var tensor in tensors)
            shapes.Add(TensorMemory.Describe(tensor));
        return new TorchException($"{layer.GetName()}({string.Join(", ", shapes)})", error);
    }
}
