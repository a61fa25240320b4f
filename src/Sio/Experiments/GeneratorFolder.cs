using Sio.Generation;

namespace Sio.Experiments;

/// <summary>A generator's run on disk: <c>recipe.yml</c> (resolved), <c>log.jsonl</c>, <c>checkpoint/</c>, <c>samples/step-N.png</c>.</summary>
public sealed class GeneratorFolder
{
    private readonly RunFolder _folder;

    /// <summary>Names the folder.</summary>
    public GeneratorFolder(string path) => _folder = new RunFolder(path);

    /// <summary>The folder's full path.</summary>
    public string Path => _folder.Path;

    /// <summary>The resolved recipe.</summary>
    public string RecipePath => _folder.RecipePath;

    /// <summary>What sampling needs to know of the real images.</summary>
    public string DataPath => System.IO.Path.Combine(Path, "data.json");

    /// <summary>The checkpoints.</summary>
    public GeneratorCheckpoint Checkpoint => new(System.IO.Path.Combine(Path, "checkpoint"));

    /// <summary>Whether training has been here.</summary>
    public bool HasRun => File.Exists(Checkpoint.LastPath) || File.Exists(Checkpoint.ModelPath);

    /// <summary>Makes the folder and sees that it can be written, before any work is done.</summary>
    /// <exception cref="Data.DataException">It cannot.</exception>
    public void Create() => _folder.Create();

    /// <summary>Keeps other processes from training into the folder until disposed.</summary>
    /// <exception cref="Data.DataException">Another process has the lock.</exception>
    public IDisposable Lock() => _folder.Lock();

    /// <summary>Removes what an earlier run of ours left here and this one will write anew.</summary>
    public void Clear()
    {
        Checkpoint.Delete();
        File.Delete(System.IO.Path.Combine(Path, "log.jsonl"));
        File.Delete(RecipePath);
        File.Delete(DataPath);
        var samples = System.IO.Path.Combine(Path, GeneratorTrainer.SheetFolder);
        if (Directory.Exists(samples))
            Array.ForEach(Directory.GetFiles(samples, "step-*.png"), File.Delete);
    }
}
