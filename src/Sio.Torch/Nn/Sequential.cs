using System.Globalization;

namespace Sio.Torch.Nn;

/// <summary>Modules one after the other, named 0, 1, 2, ….</summary>
public sealed class Sequential : Module
{
    /// <summary>Takes the modules in order.</summary>
    public Sequential(params IEnumerable<Module> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var module in modules)
            Register(Children.Count.ToString(CultureInfo.InvariantCulture), module);
    }

    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input)
    {
        var x = input;
        foreach (var (_, module) in Children)
            x = module.Forward(x);
        return x;
    }
}
