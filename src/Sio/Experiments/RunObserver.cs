using Sio.Generation;
using Sio.Training;

namespace Sio.Experiments;

/// <summary>Is told how far things are. The default tells nobody.</summary>
public class RunObserver
{
    /// <summary>A new piece of work begins.</summary>
    /// <param name="what">One line, e.g. <c>sio, seed 0: training</c>.</param>
    public virtual void Begin(string what)
    {
    }

    /// <summary>Something is not as it should be, and the work goes on.</summary>
    /// <param name="message">One line.</param>
    public virtual void Warn(string message)
    {
    }

    /// <summary>A training step is done.</summary>
    public virtual void Trained(TrainingProgress progress)
    {
    }

    /// <summary>A training step of a generator is done.</summary>
    public virtual void Trained(GeneratorProgress progress)
    {
    }

    /// <summary>Images have gone through the network.</summary>
    /// <param name="done">Images so far.</param>
    /// <param name="total">Images in all.</param>
    public virtual void Evaluated(int done, int total)
    {
    }

    /// <summary>A detector is about to be fitted and to score, which takes some of them longer than the forward passes.</summary>
    /// <param name="detector">Its name.</param>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="total">How many detectors run.</param>
    public virtual void Detecting(string detector, int number, int total)
    {
    }

    /// <summary>The search for a detector's hyper-parameters begins.</summary>
    /// <param name="detector">Its name.</param>
    /// <param name="settings">How many combinations will be tried.</param>
    public virtual void Tuning(string detector, int settings)
    {
    }

    /// <summary>The piece of work is done.</summary>
    /// <param name="summary">One line on how it went.</param>
    public virtual void End(string summary)
    {
    }
}
