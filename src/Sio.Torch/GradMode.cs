using Sio.Torch.Native;

namespace Sio.Torch;

/// <summary>Whether operators record what backward needs. The setting belongs to the thread.</summary>
public static unsafe class GradMode
{
    /// <summary>Whether this thread records.</summary>
    public static bool Enabled
    {
        get
        {
            int on;
            NativeMethods.Check(NativeMethods.sio_grad_mode_get(&on), "grad mode");
            return on != 0;
        }
    }

    /// <summary>Records nothing until disposed, like <c>torch.no_grad()</c>.</summary>
    public static Scope NoGrad() => new(enabled: false);

    /// <summary>Records until disposed, like <c>torch.enable_grad()</c>.</summary>
    public static Scope EnableGrad() => new(enabled: true);

    /// <summary>Puts the former mode back on <see cref="Dispose"/>, on the thread that made it.</summary>
    public readonly ref struct Scope
    {
        private readonly bool _before;

        internal Scope(bool enabled)
        {
            _before = Enabled;
            Set(enabled);
        }

        /// <summary>Puts the former mode back.</summary>
        public void Dispose() => Set(_before);

        private static void Set(bool on) => NativeMethods.Check(NativeMethods.sio_grad_mode_set(on ? 1 : 0), "set grad mode");
    }
}
