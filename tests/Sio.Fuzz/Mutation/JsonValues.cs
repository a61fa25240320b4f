using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sio.Fuzz.Mutation;

/// <summary>One value of a JSON text: another one, none, twice under one name, or of another kind.</summary>
internal sealed class JsonValues : Mutator
{
    // Stands for a name that is to be there twice, until the text is written.
    private const string Twice = "@twice@";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        try
        {
            return JsonNode.Parse(input) is { } root ? Changed(root, draw) ?? input : input;
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            // Spoilt already: no JSON any more, a name twice, half a surrogate pair.
            return input;
        }
    }

    private static byte[]? Changed(JsonNode root, Draw draw)
    {
        var containers = new List<JsonNode>();
        Collect(root, containers);
        containers.RemoveAll(node => Count(node) == 0);
        if (containers.Count == 0)
            return null;
        var name = string.Empty;
        var container = draw.Pick(containers);
        var at = draw.Int(Count(container));
        if (container is JsonObject fields)
        {
            name = fields.ElementAt(at).Key;
            ChangeField(fields, name, draw);
        }
        else
        {
            ChangeItem((JsonArray)container, at, draw);
        }

        var text = root.ToJsonString(draw.Chance(2) ? s_indented : JsonSerializerOptions.Default);
        return Encoding.UTF8.GetBytes(text.Replace(Twice, JsonEncodedText.Encode(name).ToString(), StringComparison.Ordinal));
    }

    private static void Collect(JsonNode? node, List<JsonNode> containers)
    {
        if (node is JsonObject fields)
        {
            containers.Add(fields);
            foreach (var (_, value) in fields)
                Collect(value, containers);
        }
        else if (node is JsonArray items)
        {
            containers.Add(items);
            foreach (var item in items)
                Collect(item, containers);
        }
    }

    private static int Count(JsonNode node) => node is JsonObject fields ? fields.Count : ((JsonArray)node).Count;

    private static void ChangeField(JsonObject fields, string name, Draw draw)
    {
        switch (draw.Int(6))
        {
            case 0:
                fields.Remove(name);
                break;
            case 1:
                fields[Twice] = fields[name]?.DeepClone();
                break;
            case 2:
                var value = fields[name];
                fields.Remove(name);
                fields[draw.Pick(Values.Words) + draw.Pick(Values.Characters)] = value;
                break;
            default:
                fields[name] = Other(fields[name], draw);
                break;
        }
    }

    private static void ChangeItem(JsonArray items, int at, Draw draw)
    {
        switch (draw.Int(4))
        {
            case 0:
                items.RemoveAt(at);
                break;
            case 1:
                for (var more = 1 + draw.Int(50); more > 0; more--)
                    items.Insert(at, items[at]?.DeepClone());
                break;
            default:
                items[at] = Other(items[at], draw);
                break;
        }
    }

    private static JsonNode? Other(JsonNode? value, Draw draw) => draw.Int(8) switch
    {
        0 => null,
        1 => JsonValue.Create(draw.Chance(2)),
        2 => new JsonArray(value?.DeepClone()),
        3 => new JsonObject { ["a"] = value?.DeepClone() },
        4 => new JsonArray(),
        5 => JsonValue.Create(draw.Pick(Values.Words)),
        _ => Number(draw),
    };

    private static JsonNode? Number(Draw draw)
    {
        try
        {
            return JsonNode.Parse(draw.Pick(Values.Numbers));
        }
        catch (JsonException)
        {
            return JsonValue.Create(draw.Pick(Values.Integers));
        }
    }
}
