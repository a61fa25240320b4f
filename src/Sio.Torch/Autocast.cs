using Sio.Torch.Native;

namespace Sio.Torch;

/// <summary>
/// Mixed precision: convolutions and matrix products take a smaller type, what needs the range stays in float32, as LibTorch decides
/// operator by operator. Weights stay as they are. The setting belongs to the thread and to a kind of device.
/// </summary>
public static unsafe class Autocast
{
    private const int Off = -1;

    /// <summary>Computes in a smaller type until disposed, like <c>torch.autocast</c>; backward comes after that.</summary>
    /// <param name="device">The kind of device to do so on.</param>
    /// <param name="dtype"><see cref="DType.BFloat16"/> or <see cref="DType.Float16"/>.</param>
    /// <exception cref="TorchException">Another type.</exception>
    public static Scope To(DeviceType device, DType dtype) => new(device, (int)dtype);

    /// <summary>Leaves everything as it is until disposed: for code that may or may not want <see cref="To"/>.</summary>
    public static Scope Unchanged() => default;

    /// <summary>Puts the former setting back on <see cref="Dispose"/>, on the thread that made it.</summary>
    public readonly ref struct Scope
    {
        private readonly DeviceType _device;
        private readonly int _before;
        private readonly bool _changed;

        internal Scope(DeviceType device, int dtype)
        {
            _before = Set(device, dtype);
            (_device, _changed) = (device, true);
        }

        /// <summary>Puts the former setting back.</summary>
        public void Dispose()
        {
            if (_changed)
                Set(_device, _before);
        }

        private static int Set(DeviceType device, int dtype)
        {
            var before = Off;
            NativeMethods.Check(NativeMethods.sio_autocast_set((int)device, dtype, &before), "set autocast");
            return before;
        }
    }
}
