using Sio.Torch.Native;

namespace Sio.Torch;

/// <summary>
/// A random generator of LibTorch's own (Mersenne Twister on the CPU, Philox on a GPU): the same seed gives the numbers
/// that <c>torch.Generator().manual_seed(seed)</c> gives in Python. Not safe for use by two threads at once.
/// </summary>
public sealed unsafe class Generator : IDisposable
{
    /// <summary>Makes a generator.</summary>
    /// <param name="seed">Its seed.</param>
    /// <param name="device">Where it makes its numbers; the CPU when left out.</param>
    /// <exception cref="TorchException">There is no such device.</exception>
    public Generator(ulong seed, Device? device = null)
    {
        Device = device ?? Device.Cpu;
        nint pointer;
        NativeMethods.Check(
            NativeMethods.sio_generator_new((int)Device.Type, Device.Index, seed, &pointer), $"new generator on {Device}");
        Handle = new GeneratorHandle(pointer);
    }

    /// <summary>Where the numbers are made.</summary>
    public Device Device { get; }

    internal GeneratorHandle Handle { get; }

    /// <summary>Starts anew from a seed.</summary>
    public void Seed(ulong seed) => NativeMethods.Check(NativeMethods.sio_generator_set_seed(Handle, seed), "seed generator");

    /// <summary>The whole state, to go on from later.</summary>
    /// <returns>A uint8 tensor on the CPU, as Python's <c>get_state</c> gives it.</returns>
    public Tensor GetState()
    {
        nint state;
        NativeMethods.Check(NativeMethods.sio_generator_get_state(Handle, &state), "generator state");
        return new Tensor(state);
    }

    /// <summary>Goes on from a saved state.</summary>
    /// <param name="state">What <see cref="GetState"/> gave, of a generator of the same kind of device.</param>
    /// <exception cref="TorchException">The tensor is no such state.</exception>
    public void SetState(Tensor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        NativeMethods.Check(NativeMethods.sio_generator_set_state(Handle, state.Handle), "set generator state");
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
