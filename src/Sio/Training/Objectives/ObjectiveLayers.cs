using Sio.Nn;

namespace Sio.Training.Objectives;

/// <summary>Parameters and buffers of an <see cref="Objective"/>, as what extends the network (<see cref="Networks.Classifier.Extension"/>).</summary>
/// <param name="objective">Whose they are.</param>
public sealed class ObjectiveLayers(Objective objective) : NamedModule(nameof(Objective))
{
    /// <summary>Whose they are.</summary>
    public Objective Objective => objective;
}
