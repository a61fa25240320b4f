namespace Sio.Serialization.Pickle;

/// <summary>The names that a kind of pickle may refer to, and what they make. None of it calls anything.</summary>
internal abstract class PickleVocabulary
{
    /// <summary>What such pickles hold, for messages: "files of tensors".</summary>
    internal abstract string Purpose { get; }

    /// <summary>What is read, for messages: "only tensors and dictionaries are read".</summary>
    internal abstract string Allowed { get; }

    /// <summary>Whether byte strings are read.</summary>
    internal virtual bool HasBytes => false;

    /// <summary>Whether values of unknown kinds are passed over (<see cref="PickleOpaque"/>); otherwise a pickle that has one is
    /// rejected.</summary>
    internal virtual bool HasOpaque => false;

    /// <summary>Whether a name, module and all, may be referred to.</summary>
    internal abstract bool Knows(string name);

    /// <summary>What a known name makes of arguments.</summary>
    /// <exception cref="InvalidDataException">It is not used in this way.</exception>
    internal abstract object Reduce(string name, object?[] arguments);

    /// <summary>Gives a value its state.</summary>
    /// <exception cref="InvalidDataException">It takes none.</exception>
    internal abstract void Build(object? target, object? state);

    /// <summary>What a persistent id stands for.</summary>
    /// <exception cref="InvalidDataException">There are none in such pickles.</exception>
    internal virtual object Persistent(object?[] description) => throw new InvalidDataException($"the pickle has a persistent id, which {Purpose} do not need: refused");

    /// <summary>The error for a known name that is used in another way than data need.</summary>
    protected InvalidDataException Misused(string name) => new($"the pickle calls {name} in a way that {Purpose} do not need: refused");
}

/// <summary>Casts that take null for another type, as damaged pickles have it anywhere.</summary>
internal static class Pickled
{
    /// <exception cref="InvalidCastException">The value is of another type, or null.</exception>
    internal static T As<T>(object? value)
        where T : class => value as T ?? throw new InvalidCastException($"{value?.GetType().Name ?? "null"} where {typeof(T).Name} was expected");
}
