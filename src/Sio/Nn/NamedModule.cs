using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>
/// A module that registers its parts itself, under the names that PyTorch's model has. TorchSharp would register each field once more under the field's name as soon as the module
/// becomes a part of another, and weights would be saved and counted twice.
/// </summary>
/// <param name="name">The module's name.</param>
public abstract class NamedModule(string name) : nn.Module(name)
{
    /// <summary>Does nothing: all parts are registered.</summary>
    protected sealed override void RegisterComponents()
    {
    }
}

/// <inheritdoc cref="NamedModule"/>
/// <typeparam name="T">What goes in.</typeparam>
/// <typeparam name="TResult">What comes out.</typeparam>
public abstract class NamedModule<T, TResult>(string name) : nn.Module<T, TResult>(name)
{
    /// <inheritdoc cref="NamedModule.RegisterComponents"/>
    protected sealed override void RegisterComponents()
    {
    }
}

/// <inheritdoc cref="NamedModule"/>
/// <typeparam name="T1">What goes in.</typeparam>
/// <typeparam name="T2">What the result depends on beside that.</typeparam>
/// <typeparam name="TResult">What comes out.</typeparam>
public abstract class NamedModule<T1, T2, TResult>(string name) : nn.Module<T1, T2, TResult>(name)
{
    /// <inheritdoc cref="NamedModule.RegisterComponents"/>
    protected sealed override void RegisterComponents()
    {
    }
}
