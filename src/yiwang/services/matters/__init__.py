"""事项: what can be done, who carries it out, and how: definitions, implementation lists, codes, search."""
