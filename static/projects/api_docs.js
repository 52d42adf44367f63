// Starts Swagger's page; a session's writes need the CSRF token of the cookie.
const main = document.getElementById("api-docs");
const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

window.SwaggerUIBundle({
  domNode: main,
  url: main.dataset.schema,
  deepLinking: true,
  requestInterceptor(request) {
    const token = csrfToken();
    if (token && new URL(request.url, location.href).origin === location.origin) request.headers["X-CSRFToken"] = token;
    return request;
  },
});
