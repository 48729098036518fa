{% for column, texts in conditions %}
{{ "WHERE" if loop.first else "AND" }}
    {% set cell = "trim(" ~ (column | ident) ~ ", " ~ (space | text) ~ ")" %}
    {% if texts %}
    {{ cell }} IN ({{ texts | map("text") | join(", ") }})
    {% else %}
    coalesce({{ cell }}, '') = ''
    {% endif %}
{% endfor %}
