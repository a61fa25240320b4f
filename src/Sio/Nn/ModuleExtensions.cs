using Sio.Engine;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>What TorchSharp's modules lack: registering under a name of one's choice in one line, and state dicts whose errors say what differs.</summary>
public static class ModuleExtensions
{
    /// <summary>Makes a module a child of another, under the name that its parameters get.</summary>
    /// <returns>The child.</returns>
    public static T Register<T>(this nn.Module parent, string name, T child)
        where T : nn.Module
    {
        ArgumentNullException.ThrowIfNull(parent);
        parent.register_module(name, child);
        return child;
    }

    /// <summary>Makes a tensor a parameter of a module, which owns it from now on.</summary>
    /// <returns>The parameter; the tensor it was made of is not to be used any more.</returns>
    public static Parameter RegisterParameter(this nn.Module module, string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(value);
        if (value is not Parameter parameter)
        {
            parameter = new Parameter(value);
            TorchRuntime.CountParameter();
        }

        parameter.DetachFromDisposeScope();
        module.register_parameter(name, parameter);
        return parameter;
    }

    /// <summary>Makes a tensor a buffer of a module, which owns it from now on.</summary>
    /// <returns>The tensor.</returns>
    public static Tensor RegisterBuffer(this nn.Module module, string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(value);
        value.DetachFromDisposeScope();
        module.register_buffer(name, value);
        return value;
    }

    /// <summary>Parameters and buffers, module by module, as PyTorch's <c>state_dict</c> orders them. Not copies.</summary>
    public static IReadOnlyList<(string Name, Tensor Value)> StateDict(this nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var entries = new List<(string, Tensor)>();
        Collect(module, string.Empty, entries);
        return entries;
    }

    /// <summary>Copies values into parameters and buffers of the same names.</summary>
    /// <param name="module">Whose.</param>
    /// <param name="state">A value for each name, and no others.</param>
    /// <exception cref="StateDictException">Names or shapes do not fit; nothing has been changed then.</exception>
    public static void LoadStateDict(this nn.Module module, IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(state);
        var own = module.StateDict();
        StateDictException.ThrowIfDifferent(own, state);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (name, value) in own)
            value.copy_(state[name]);
    }

    /// <summary>Number of trained numbers.</summary>
    public static long ParameterCount(this nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.parameters().Sum(parameter => parameter.numel());
    }

    private static void Collect(nn.Module module, string prefix, List<(string, Tensor)> entries)
    {
        foreach (var (name, parameter) in module.named_parameters(recurse: false))
            entries.Add((prefix + name, parameter));
        foreach (var (name, buffer) in module.named_buffers(recurse: false))
            entries.Add((prefix + name, buffer));
        foreach (var (name, child) in module.named_children())
            Collect(child, $"{prefix}{name}.", entries);
    }
}
