using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Sio.Engine;

/// <summary>
/// Sees to it that TorchSharp finds its native library by way of <see cref="TorchLoader"/> however it comes to be used. Costs nothing until
/// TorchSharp is loaded, and loads nothing itself.
/// </summary>
internal static class TorchHooks
{
    private const string Assembly = "TorchSharp", Binding = "LibTorchSharp";

    private static readonly ConditionalWeakTable<Assembly, object> s_watched = [];

#pragma warning disable CA2255 // a library that needs it: TorchSharp's first use may come before any call of ours
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register()
    {
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Watch(loaded.LoadedAssembly);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            Watch(assembly);
    }

    private static void Watch(Assembly assembly)
    {
        if (assembly.IsDynamic || assembly.GetName().Name != Assembly || !s_watched.TryAdd(assembly, assembly))
            return;
        // Before TorchSharp's own start can load LibTorch, and with it OpenMP.
        ProcessSettings.Apply();
        // TorchSharp asks for its library twice over: at its start by NativeLibrary.TryLoad, which ends at the load context, then for each
        // function, which begins at the resolver.
        if (AssemblyLoadContext.GetLoadContext(assembly) is { } context)
            context.ResolvingUnmanagedDll += (_, name) => ResolveAtStart(name);
        try
        {
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == Binding ? TorchLoader.Load().Binding : 0);
        }
        catch (InvalidOperationException)
        {
            // The program has a resolver of its own; TorchRuntime.Initialize() does the rest.
        }
    }

    // Where its library cannot be loaded, TorchSharp copies all of LibTorch, half a gigabyte, into its package's folder and tries that. So it
    // gets a handle that says "loaded" in any case; its first function then fails with the reason, by the resolver.
    private static nint ResolveAtStart(string name)
    {
        if (name is not (Binding or "torch_cpu"))
            return 0;
        try
        {
            var loaded = TorchLoader.Load();
            return name == Binding ? loaded.Binding : loaded.Library;
        }
        catch (LibTorchException)
        {
            return NativeLibrary.GetMainProgramHandle();
        }
    }
}
