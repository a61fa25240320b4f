using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sio.Recipes;

/// <summary>
/// Reads YAML text into nodes, from the parser's events: its own object model recurses without a limit, so that a few
/// kilobytes of brackets would end the process, and it does not keep the place of a key.
/// </summary>
internal static class RecipeYaml
{
    // A recipe is written by hand: these limits are far above one, and far below what does harm.
    private const int DeepestNesting = 32;
    private const int MostNodes = 20_000;
    private const int MostCharacters = 1 << 20;

    /// <summary>The mapping that the text holds; an empty one for an empty text.</summary>
    public static RecipeMapping ParseMapping(string text, string source) => Parse(text, source, true) switch
    {
        RecipeMapping mapping => mapping,
        null or RecipeScalar { IsNull: true } => new RecipeMapping(new RecipePlace(source), []),
        var other => throw new RecipeException(other.Place, $"a recipe must be a mapping of keys, but is {other.Description}"),
    };

    /// <summary>The value that the text holds; null for an empty text.</summary>
    /// <param name="text">YAML, one document at most.</param>
    /// <param name="source">Names the text in messages.</param>
    /// <param name="positions">Whether nodes carry line and column.</param>
    public static RecipeNode? Parse(string text, string source, bool positions)
    {
        var whole = new RecipePlace(source);
        if (text.Length > MostCharacters)
            throw new RecipeException(whole, $"the recipe has {text.Length} characters; at most {MostCharacters} are read");

        var reader = new Reader(new Parser(new StringReader(text)), source, positions);
        try
        {
            return reader.Document();
        }
        catch (Exception e) when (reader.Unclosed is { } open && (e is InvalidOperationException || (e is YamlException end && end.Start.Index >= text.TrimEnd().Length)))
        {
            // YamlDotNet 18.1 has no better word for a list or mapping in brackets that the text ends in, or none at all.
            throw new RecipeException(open.Place, $"not valid YAML: the '{open.Bracket}' is never closed", innerException: e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new RecipeException(reader.Here, "not valid YAML from here on", innerException: e);
        }
        catch (YamlException e)
        {
            var problem = e.Message.ReplaceLineEndings(" ");
            throw new RecipeException(reader.At(e.Start), $"not valid YAML: {problem}", innerException: e);
        }
    }

    private sealed class Reader(IParser events, string source, bool positions)
    {
        private readonly Dictionary<AnchorName, RecipeNode> anchors = [];

        private readonly Stack<(char Bracket, RecipePlace Place)> _open = [];

        /// <summary>The innermost bracket that is open; null where none is.</summary>
        public (char Bracket, RecipePlace Place)? Unclosed => _open.TryPeek(out var innermost) ? innermost : null;

        /// <summary>Where the last value ended that was understood.</summary>
        public RecipePlace Here => At(events.Current?.End ?? Mark.Empty);

        public RecipePlace At(Mark mark) => positions ? new(source, mark.Line, mark.Column) : new(source);

        public RecipeNode? Document()
        {
            events.Consume<StreamStart>();
            if (events.TryConsume<StreamEnd>(out _))
                return null;

            events.Consume<DocumentStart>();
            var root = Node(0);
            events.Consume<DocumentEnd>();
            return events.Accept<DocumentStart>(out var second)
                ? throw new RecipeException(At(second.Start), "a recipe file holds one document; a second one begins here")
                : root;
        }

        private RecipeNode Node(int depth)
        {
            var start = events.Current is { } current ? At(current.Start) : At(Mark.Empty);
            if (depth > DeepestNesting)
                throw new RecipeException(start, $"nested deeper than {DeepestNesting} levels");
            if (events.TryConsume<AnchorAlias>(out var alias))
            {
                return anchors.TryGetValue(alias.Value, out var known)
                    ? known
                    : throw new RecipeException(At(alias.Start), $"the alias '*{alias.Value}' names no complete value above it");
            }

            if (events.Current is not NodeEvent head)
                throw new RecipeException(start, "not valid YAML: a value is expected here");
            if (!head.Tag.IsEmpty && !(head is Scalar && head.Tag.IsNonSpecific))
                throw new RecipeException(start, $"the tag '{head.Tag.Value}' is not supported; a key's type is known without it");

            RecipeNode node = head switch
            {
                Scalar => ReadScalar(),
                SequenceStart => ReadSequence(depth),
                _ => ReadMapping(depth),
            };
            if (!head.Anchor.IsEmpty)
                anchors[head.Anchor] = node;
            return node;
        }

        private RecipeScalar ReadScalar()
        {
            var scalar = events.Consume<Scalar>();
            return new RecipeScalar(At(scalar.Start), scalar.Value, scalar.Style == ScalarStyle.Plain);
        }

        private RecipeSequence ReadSequence(int depth)
        {
            var start = (SequenceStart)events.Current!;
            var place = At(start.Start);
            if (start.Style == SequenceStyle.Flow)
                _open.Push(('[', place));
            events.MoveNext(); // which reads ahead, and may find the text at its end
            var items = new List<RecipeNode>();
            var size = 1L;
            while (!events.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node(depth + 1));
                RefuseTooMany(place, size += items[^1].Size);
            }

            if (start.Style == SequenceStyle.Flow)
                _open.Pop();
            return new RecipeSequence(place, items);
        }

        private RecipeMapping ReadMapping(int depth)
        {
            var start = (MappingStart)events.Current!;
            var place = At(start.Start);
            if (start.Style == MappingStyle.Flow)
                _open.Push(('{', place));
            events.MoveNext();
            var entries = new List<RecipeEntry>();
            var lines = new Dictionary<string, RecipePlace>();
            var size = 1L;
            while (!events.TryConsume<MappingEnd>(out _))
            {
                if (!events.TryConsume<Scalar>(out var key))
                    throw new RecipeException(At(events.Current!.Start), "a key must be a plain name");

                var keyPlace = At(key.Start);
                if (!lines.TryAdd(key.Value, keyPlace))
                {
                    var first = positions ? $"; it is already set in line {lines[key.Value].Line}" : "";
                    throw new RecipeException(keyPlace, $"duplicate key '{key.Value}'{first}", key.Value);
                }

                entries.Add(new RecipeEntry(key.Value, keyPlace, Node(depth + 1)));
                RefuseTooMany(place, size += 1 + entries[^1].Value.Size);
            }

            if (start.Style == MappingStyle.Flow)
                _open.Pop();
            return new RecipeMapping(place, entries);
        }

        /// <summary>Aliases of aliases grow without bound: a node counts as often as it is used.</summary>
        private static void RefuseTooMany(RecipePlace place, long size)
        {
            if (size > MostNodes)
                throw new RecipeException(place, $"more than {MostNodes} values once its aliases are expanded");
        }
    }
}
