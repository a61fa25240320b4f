namespace Sio.Torch;

/// <content>Element types, devices, memory orders.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>Elements converted to another type; this tensor's own handle twice when they have it already.</summary>
    public Tensor To(DType dtype) => Ops.ToDType.Call(this, dtype);

    /// <summary>Elements on another device, of another type if asked for.</summary>
    /// <param name="device">Where to.</param>
    /// <param name="dtype">Element type; this tensor's when left out.</param>
    /// <param name="nonBlocking">Go on while a copy from pinned memory is under way.</param>
    public Tensor To(Device device, DType? dtype = null, bool nonBlocking = false) =>
        Ops.ToDevice.Call(this, device, dtype ?? DType, nonBlocking);

    /// <summary>Elements in the host's memory.</summary>
    public Tensor Cpu() => To(Device.Cpu);

    /// <summary>Elements in C order, or in a memory format; copied only where needed.</summary>
    public Tensor Contiguous(MemoryFormat format = MemoryFormat.Contiguous) => Ops.Contiguous.Call(this, (int)format);

    /// <summary>A copy.</summary>
    public Tensor Clone() => Ops.Clone.Call(this);

    /// <summary>Overwrites this tensor with another's elements, converted and broadcast as needed.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Copy_(Tensor source) => Same(Ops.Copy_, source);
}
